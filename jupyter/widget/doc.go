// Package widget is what a notebook shows that changes by itself: the live
// panel of the GPUs and progress bars. Both are displays that are updated, so
// they work in every front end, without an extension, and each update is a
// whole picture and a sentence: a saved notebook shows the last one.
//
//	widget.GPU()                     // the panel: once a second while cells run
//	bar := widget.NewProgress(10)
//	bar.SetDescription("fit")
//	bar.Set(3)
//
// A Deck holds the widgets of one session and knows when its cells run. The
// functions of the package are methods of the session's Deck in a cell;
// elsewhere they print.
package widget
