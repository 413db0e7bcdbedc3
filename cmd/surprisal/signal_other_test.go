//go:build !unix

package main

import "os"

var endSignal = os.Kill
