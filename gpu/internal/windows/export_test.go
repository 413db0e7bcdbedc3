package windows

// SetPiece makes pieces of so many places, a multiple of 16.
func SetPiece(w *Work, places int) { w.perPiece = places }
