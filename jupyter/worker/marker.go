package worker

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
)

// Markers lie between the text in the worker's two output pipes. A marker is
// the token, which is random for each worker, then kind and cell, then a
// number: 32 bytes, so that it is always written whole (PIPE_BUF is 512 at
// least, 4096 on Linux), also among raw writes of C code and of children.
const (
	tokenLen = 16
	markLen  = 32
	pipeBuf  = 4096
	pipeSize = 1 << 20 // what a pipe can hold, at most
)

// newToken returns a random token. Its first byte stands in no UTF-8 text:
// otherwise the last byte of a print that happened to be the same would wait
// for the next print.
func newToken() []byte {
	t := make([]byte, tokenLen)
	rand.Read(t) // never fails
	t[0] = 0xff
	return t
}

type markKind byte

const (
	markOwner   markKind = 'o' // what follows belongs to the cell; 0: to the running one
	markBarrier markKind = 'b' // the frame with this number stands here
)

func appendMark(b, token []byte, k markKind, cell, seq uint64) []byte {
	b = append(b, token...)
	b = binary.LittleEndian.AppendUint64(b, cell<<8|uint64(k))
	return binary.LittleEndian.AppendUint64(b, seq)
}

// mark is a marker found in a pipe.
type mark struct {
	kind markKind
	cell uint64
	seq  uint64
}

// cut splits off what stands before the first marker in b. With found, text is
// what precedes m and rest what follows it. Without, text is all that cannot be
// the beginning of a marker and rest the remaining bytes, which wait for more.
func cut(b, token []byte) (text []byte, m mark, rest []byte, found bool) {
	k := bytes.Index(b, token)
	if k < 0 {
		n := len(b)
		for j := min(tokenLen-1, n); j > 0; j-- {
			if bytes.HasPrefix(token, b[n-j:]) {
				return b[:n-j], m, b[n-j:], false
			}
		}
		return b, m, nil, false
	}
	if len(b)-k < markLen {
		return b[:k], m, b[k:], false
	}
	x := binary.LittleEndian.Uint64(b[k+tokenLen:])
	m = mark{markKind(x), x >> 8, binary.LittleEndian.Uint64(b[k+tokenLen+8:])}
	return b[:k], m, b[k+markLen:], true
}
