// Package wire turns the bytes of the Jupyter messaging protocol into
// messages and back: headers, HMAC-SHA256 signatures, the multipart layout,
// and the connection file. It opens no sockets.
//
// A [Codec] stands at one end of a connection. What it decodes is verified:
// the signature is compared in constant time, a signature that was seen before
// is refused, and the JSON parts are objects, never null. What it refuses is an
// error of type *DropError and is counted by cause; nothing that arrives can
// end the program.
//
//	conn, err := wire.ReadConnection("kernel.json")
//	codec := wire.NewCodec([]byte(conn.Key), "", "")
//	m, err := codec.Decode(frames)
//	out, err := codec.Encode(&wire.Message{
//		Identities: m.Identities, Parent: m.RawHeader,
//		Header: wire.Header{Type: wire.KernelInfoReply}, Content: content,
//	})
//
// The protocol: https://jupyter-client.readthedocs.io/en/stable/messaging.html
package wire
