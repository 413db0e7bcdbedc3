// Package info estimates information quantities of recorded data: how much one
// variable says about another, how much of the past of one series is found in
// the next value of another.
//
//	te, err := info.KSG{K: 4}.TransferEntropy(ctx, x, y)
//	fmt.Println(te) // transfer entropy 0.1249 nats: KSG algorithm 1, k = 4, …
//
// KSG is for continuous values and gives nats; Plugin is for integers that
// stand for symbols and gives bits. An estimator is a struct of parameters
// whose zero value is ready, and data go to its methods. An Estimate says its
// unit, how it was made, how many samples it rests on, and what speaks against
// it; with a Test it carries what surrogates give, whose mean is to be
// subtracted and whose share above it is a p-value.
//
// Estimates by KSG may be negative: their bias is corrected, so that they
// scatter around 0 where there is nothing to find. Nothing is clamped.
//
// Sums are exact integers in units of 2^-38 nat, so a result is the same to the
// last bit for any number of threads.
//
// References: Kraskov, Stögbauer and Grassberger (2004), Estimating mutual
// information, Phys. Rev. E 69, 066138; Frenzel and Pompe (2007), Partial mutual
// information for coupling analysis of multivariate time series, Phys. Rev.
// Lett. 99, 204101; Schreiber (2000), Measuring information transfer, Phys. Rev.
// Lett. 85, 461; Miller (1955), Note on the bias of information estimates.
package info
