package protocol

import "testing"

func TestEcho(t *testing.T) { Run(t, EchoTarget()) }
