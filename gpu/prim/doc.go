// Package prim holds the operations that the estimators share. Each has one
// contract, whatever it runs on, and integer results that are equal on all of
// them.
//
// JointCounts is the central one: for every row of a sample it finds the k
// nearest rows in the joint space of some variables, and counts the rows that
// lie as near in chosen subspaces. Mutual information, transfer entropy and
// their kin by the method of Kraskov, Stögbauer and Grassberger are sums of the
// digamma function over such counts.
//
//	b := prim.JointCounts{Columns: [][]float64{x, y}, K: 4, Problems: []prim.Problem{{
//		Variables: [][]int{{0}, {1}}, Marginals: []prim.Marginal{prim.Of(0), prim.Of(1)}}}}
//	counts, err := b.Counts(ctx) // counts[0][0].N[1][i]: rows nearer to row i in y than its 4th neighbour in (x, y)
//
// Counts are decided in float64, by subtraction, absolute value, maximum and
// comparison alone under the maximum norm, so that they are the same to the last
// one for any number of threads, on any machine. Sums of tables over counts are
// exact integers, with the same consequence.
//
// On says where they are counted; each result says where it was. A GPU compares
// every row with every other where rows are few, several problems of three columns
// by a block of threads each; from some thousand rows on those that lie near each
// other in a variable that no ordering moves; and from some ten thousand on, of two
// or three columns, those of boxes that lie near each other.
//
// Psi and PsiFixed tabulate the digamma function, Histogram counts values in
// equal bins, Sort orders a column.
//
// References: Kraskov, Stögbauer and Grassberger (2004), Estimating mutual
// information, Phys. Rev. E 69, 066138; Frenzel and Pompe (2007), Partial mutual
// information for coupling analysis, Phys. Rev. Lett. 99, 204101; Theiler
// (1986), Spurious dimension from correlation algorithms, Phys. Rev. A 34, 2427.
package prim
