// Package forecast predicts single time series and scores predictions.
//
// AR fits an autoregression by Burg's method, Yule–Walker or least squares, of
// a given order or of one chosen by AICc or BIC; SeasonalNaive is the baseline
// that a model must beat. Both give a Forecast: a mean and intervals for each
// step. Once what happened is known, its Scores say how good it was; a Backtest
// repeats that from many origins in the past.
//
//	m, err := forecast.AR{Unit: "spots"}.Fit(ctx, spots) // order by AICc
//	f, err := m.Forecast(11)                             // 50, 80 and 95 % intervals
//	f.Actual = held
//	s, err := f.Scores(11)                               // MASE against a period of 11, CRPS, coverage …
//
// Values are in the unit of the series; log scores are in nats. Samples are
// equally spaced in time, with no gap: NaN is an error that names its place.
// Results are the same to the last bit whatever the number of threads.
//
// References: Burg (1975), Maximum entropy spectral analysis; Brockwell and
// Davis (1991), Time series: theory and methods; Hurvich and Tsai (1989),
// Regression and time series model selection in small samples; Gneiting and
// Raftery (2007), Strictly proper scoring rules; Hyndman and Koehler (2006),
// Another look at measures of forecast accuracy.
package forecast
