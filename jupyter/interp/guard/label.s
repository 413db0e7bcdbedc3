// Empty: it lets label.go declare functions without a body.
