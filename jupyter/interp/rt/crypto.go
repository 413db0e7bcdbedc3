package rt

import (
	"crypto"
	"crypto/hkdf"
	"crypto/pbkdf2"
	"hash"
	"reflect"
)

// Generic functions that derive keys, for the one type of hash that all others
// become.

func hkdfExtract(h func() hash.Hash, secret, salt []byte) ([]byte, error) {
	return hkdf.Extract(h, secret, salt)
}

func hkdfExpand(h func() hash.Hash, key []byte, info string, n int) ([]byte, error) {
	return hkdf.Expand(h, key, info, n)
}

func hkdfKey(h func() hash.Hash, secret, salt []byte, info string, n int) ([]byte, error) {
	return hkdf.Key(h, secret, salt, info, n)
}

func pbkdf2Key(h func() hash.Hash, password string, salt []byte, iter, n int) ([]byte, error) {
	return pbkdf2.Key(h, password, salt, iter, n)
}

// Signer is a key for a function that takes any and looks whether it signs.
func (r *Runtime) Signer(x any) any {
	x = r.Un(x)
	if t := reflect.TypeFor[crypto.Signer](); r.satisfies(x, t) {
		return r.asNative(x, t)
	}
	return V(x)
}
