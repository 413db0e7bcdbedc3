// Package causal infers who drives whom in a recording of several series, and
// says how sure that is.
//
// A Graph lists every arrow that was tested, from one series to another at one
// lag, with its effect in nats, its p-value and the value q that is left of it
// after the correction for many tests. Arrows are statements about prediction:
// the past of one series says something about the next value of another that
// this one's own past does not. What drives both without being recorded looks
// the same.
package causal
