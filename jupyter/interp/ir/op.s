// Empty: it lets op.go declare a function without a body.
