// Package suite runs tables of reference cases against our numerics.
//
// A job table names, a line each, an estimate to make of columns of a data set;
// its format is that of validation/data/jidt, where the reference values of
// JIDT lie. The runner makes those that we have and names the others: nothing
// is skipped in silence.
package suite
