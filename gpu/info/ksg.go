package info

import (
	"context"
	"errors"
	"fmt"
	"math"

	"surprisal/gpu"
	"surprisal/gpu/prim"
	"surprisal/gpu/series"
)

// KSG estimates mutual information, conditional mutual information and transfer
// entropy in nats from the distances of nearest neighbours (Kraskov, Stögbauer
// and Grassberger 2004; Frenzel and Pompe 2007 for the conditional forms).
//
// The distance of two samples is the largest of their distances in the single
// variables. With e the distance of a sample to its K-th neighbour, algorithm 1
// counts, in each subspace, the other samples at a distance < e:
//
//	I(X;Y)   = ψ(K) + ψ(N) − ⟨ψ(nx+1) + ψ(ny+1)⟩
//	I(X;Y|Z) = ψ(K) − ⟨ψ(nxz+1) + ψ(nyz+1) − ψ(nz+1)⟩
//
// Algorithm 2 takes a distance for each variable, the largest in it of all K
// neighbours, and counts <=:
//
//	I(X;Y)   = ψ(K) − 1/K + ψ(N) − ⟨ψ(nx) + ψ(ny)⟩
//	I(X;Y|Z) = ψ(K) − 2/K − ⟨ψ(nxz) − 1/nxz + ψ(nyz) − 1/nyz − ψ(nz)⟩
//
// The zero value is ready: K 4, algorithm 1, the maximum norm, every column of
// the samples normalised, histories and delay of one row, no window, no noise,
// all cores. With K, algorithm, histories and delay alike it agrees with JIDT
// (noise off) to 1e-10 nats.
//
// Values must be numbers, and there must be more than K samples that the window
// leaves; a constant column and tied values are estimated as they are, and the
// Estimate warns of them.
type KSG struct {
	K         int  // neighbours, 1 to 16; 0: 4
	Algorithm int  // 1 or 2; 0: 1
	Norm      Norm // inside a variable of several columns

	Normalise series.Normalisation

	// The past that TransferEntropy and ConditionalTransferEntropy look at; see
	// series.Embedding. Zero fields are 1.
	History, HistoryTau      int // of the target
	SourceHistory, SourceTau int
	Delay                    int // from source to target, in rows; series.Instant for none
	ConditionHistory         int // of each condition

	Window  int     // samples of the same trial at most so many rows apart are no neighbours; 0: only the sample itself
	Jitter  float64 // uniform noise against ties, in standard deviations of each column; 1e-8 is enough
	Seed    uint64  // of Jitter
	Threads int     // of the CPU; 0: one a core

	// On is where neighbours are counted; nil: on a GPU if there is one and enough
	// to do, else on the CPU. Values are the same to the last bit everywhere. Devices
	// count in up to 16 columns, of all variables together: of more, one that is named
	// gives a prim.NoKernelError, and without one the CPU counts.
	On *gpu.Device

	Test  Test // surrogates, if any
	Local bool // keep the local values

	wholeSeries bool // the columns were normalised before they were embedded
	orderBytes  int  // memory for orderings; 0: the default
}

// Norm is the distance inside a variable of several columns. Across variables
// it is always the maximum.
type Norm int

const (
	MaxNorm       Norm = iota // the largest difference of a column
	EuclideanNorm             // the sum of the squared differences
)

func (n Norm) String() string {
	if n == EuclideanNorm {
		return "Euclidean norm"
	}
	return "maximum norm"
}

var errNoContext = errors.New("no context: nil was given; pass ctx or context.Background()")

// MutualInformation estimates I(X;Y) of x and y, whose values at one index
// belong together.
func (e KSG) MutualInformation(ctx context.Context, x, y []float64) (Estimate, error) {
	return e.lagged(ctx, x, y, nil)
}

// ConditionalMutualInformation estimates I(X;Y|Z), Z being all columns of z
// together. Without z it is MutualInformation.
func (e KSG) ConditionalMutualInformation(ctx context.Context, x, y []float64, z ...[]float64) (Estimate, error) {
	return e.lagged(ctx, x, y, z)
}

// TransferEntropy estimates I(source's past; target now | target's past)
// (Schreiber 2000), what the past of source says about the next value of target
// beyond what target's own past says. How long the pasts are is in the struct.
func (e KSG) TransferEntropy(ctx context.Context, source, target []float64) (Estimate, error) {
	return e.transfer(ctx, source, target, nil)
}

// ConditionalTransferEntropy is TransferEntropy given the past of conditions
// too.
func (e KSG) ConditionalTransferEntropy(ctx context.Context, source, target []float64, conditions ...[]float64) (Estimate, error) {
	return e.transfer(ctx, source, target, conditions)
}

// Embedding returns the embedding of e, to make samples of columns of a
// recording with: e.Embedding().Of(rec, …), then e.Of(ctx, samples).
func (e KSG) Embedding() series.Embedding {
	return series.Embedding{
		History: e.History, HistoryTau: e.HistoryTau, SourceHistory: e.SourceHistory, SourceTau: e.SourceTau, Delay: e.Delay,
		Conditions: []series.Past{{Length: e.ConditionHistory}},
	}
}

// Prepare returns the recording as it is to be cut into samples, and the
// estimator for those samples: if Normalise is series.Series, the columns are
// normalised here and not again. Of and All need it then.
func (e KSG) Prepare(r series.Recording) (series.Recording, KSG) {
	if e.Normalise == series.Series {
		r = r.ZScore()
	}
	return r, e.embedded()
}

// Of estimates the quantity of samples: I(X;Y) of two variables, I(X;Y|Z) of
// three. If Normalise is series.Series, the samples must be cut from what
// Prepare returns, by the estimator that it returns.
func (e KSG) Of(ctx context.Context, s series.Samples) (Estimate, error) {
	out, err := e.All(ctx, []series.Samples{s})
	if err != nil {
		return Estimate{}, err
	}
	return out[0], nil
}

func (e KSG) lagged(ctx context.Context, x, y []float64, z [][]float64) (Estimate, error) {
	in, err := e.raw([]string{"x", "y", "z"}, append([][]float64{x, y}, z...))
	var s series.Samples
	if err == nil {
		s, err = series.Lagged([]int{len(x)}, 0, in[:1], in[1:2], in[2:])
	}
	if err != nil {
		return Estimate{}, fmt.Errorf("info: %s: %w", measure("mutual information", z), err)
	}
	return e.embedded().Of(ctx, s)
}

func (e KSG) transfer(ctx context.Context, x, y []float64, z [][]float64) (Estimate, error) {
	in, err := e.raw([]string{"source", "target", "condition"}, append([][]float64{x, y}, z...))
	var s series.Samples
	if err == nil {
		s, err = e.Embedding().Embed([]int{len(x)}, in[:1], in[1:2], in[2:])
	}
	if err != nil {
		return Estimate{}, fmt.Errorf("info: %s: %w", measure("transfer entropy", z), err)
	}
	return e.embedded().Of(ctx, s)
}

func measure(name string, conditions [][]float64) string {
	if len(conditions) > 0 {
		return "conditional " + name
	}
	return name
}

// raw returns whole columns as they are to be embedded. A value that is no
// number is told of here, before it spoils a mean.
func (e KSG) raw(names []string, columns [][]float64) ([][]float64, error) {
	for i, c := range columns {
		if err := series.CheckValues(names[min(i, len(names)-1)], c); err != nil {
			return nil, err
		}
		if e.Normalise == series.Series {
			columns[i] = series.ZScore(c)
		}
	}
	return columns, nil
}

// embedded is e for samples of normalised series.
func (e KSG) embedded() KSG {
	if e.Normalise == series.Series {
		e.Normalise = series.None
		e.wholeSeries = true
	}
	return e
}

func (e KSG) orDefault() (KSG, error) {
	if e.K == 0 {
		e.K = 4
	}
	if e.Algorithm == 0 {
		e.Algorithm = 1
	}
	switch {
	case e.K < 1 || e.K > prim.MaxK:
		return e, &prim.ParameterError{Name: "K", Value: e.K, Min: 1, Max: prim.MaxK}
	case e.Algorithm != 1 && e.Algorithm != 2:
		return e, &prim.ParameterError{Name: "Algorithm", Value: e.Algorithm, Min: 1, Max: 2}
	case e.Norm != MaxNorm && e.Norm != EuclideanNorm:
		return e, &prim.ParameterError{Name: "Norm", Value: int(e.Norm), Min: 0, Max: 1}
	case e.Normalise == series.Series:
		return e, errors.New("the field Normalise is series.Series, but samples have been embedded already: cut them from the recording that Prepare returns")
	case e.Normalise != series.Embedded && e.Normalise != series.None:
		return e, &prim.ParameterError{Name: "Normalise", Value: int(e.Normalise), Min: 0, Max: 2}
	case !(e.Jitter >= 0) || math.IsInf(e.Jitter, 0):
		return e, fmt.Errorf("a Jitter of %v: it must be 0 or a small positive number such as 1e-8", e.Jitter)
	}
	return e, nil
}
