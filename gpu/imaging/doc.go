// Package imaging computes local statistics of grey images of 8 and 16 bits.
//
// EntropyMap is the first of them: the Shannon entropy of the grey values in a
// window around every pixel, or in every tile. All values are in bits.
//
//	m, err := imaging.EntropyMap{Window: imaging.Square(9)}.Of(ctx, img)
//	fmt.Println(m) // entropy map 256×256, 9×9 window, border crop, 256 bins: 0.00–5.41 bits, median 3.92
//
// An image is anything grey: *Gray of this package, *image.Gray or
// *image.Gray16 of the standard library, and any part of them. Results are the
// same to the last bit whatever the number of threads, because the sums that
// they are made of are integers.
//
// References: Shannon (1948), A mathematical theory of communication; Miller
// (1955), Note on the bias of information estimates; Huang, Yang and Tang
// (1979), A fast two-dimensional median filtering algorithm (the sliding
// histogram).
package imaging
