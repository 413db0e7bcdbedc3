package forecast_test

import (
	"strings"
	"testing"

	"surprisal/gpu/forecast"
)

func twoSteps() *forecast.Forecast {
	return &forecast.Forecast{
		History: []float64{1, 2, 3}, Mean: []float64{4, 4.5}, SE: []float64{1, 2},
		Intervals: []forecast.Interval{{Level: 0.5, Lo: []float64{3, 3}, Hi: []float64{5, 6}}, {Level: 0.95, Lo: []float64{2, 0.58}, Hi: []float64{6, 8.42}}},
		Start:     1700, TimeUnit: "year", Name: "sunspots", Unit: "spots", Method: "AR(1) by Burg",
	}
}

func TestForecastSaysItsNumbers(t *testing.T) {
	got := twoSteps().String()
	want := "forecast of 2 steps after 3 values of sunspots, AR(1) by Burg: year 1703: 4 (95 %: 2 to 6), … year 1704: 4.5 (95 %: 0.58 to 8.42) spots; the intervals do not hold the doubt about the parameters"
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestTimeGoesOnFromTheHistory(t *testing.T) {
	f := twoSteps()
	if got := f.Time(3); got != 1703 {
		t.Errorf("the first step is at %v, want 1703: a step of 0 means 1", got)
	}
	f.Step = 0.25
	if got := f.Time(3); got != 1700.75 {
		t.Errorf("the first step is at %v, want 1700.75", got)
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		spoil func(*forecast.Forecast)
		want  string
	}{
		{func(f *forecast.Forecast) {}, ""},
		{func(f *forecast.Forecast) { f.Actual = []float64{1} }, ""},
		{func(f *forecast.Forecast) { f.Mean = nil }, "Mean is empty"},
		{func(f *forecast.Forecast) { f.SE = f.SE[:1] }, "1 standard errors for 2 steps"},
		{func(f *forecast.Forecast) { f.Actual = make([]float64, 3) }, "3 values of Actual for 2 steps"},
		{func(f *forecast.Forecast) { f.Intervals[0].Level = 50 }, "level 50: levels lie between 0 and 1"},
		{func(f *forecast.Forecast) { f.Intervals[1].Lo = nil }, "95 % interval has 0 lower and 2 upper"},
		{func(f *forecast.Forecast) { f.Intervals[1].Level = 0.4 }, "order them by level"},
	} {
		f := twoSteps()
		c.spoil(f)
		err := f.Check()
		if c.want == "" {
			if err != nil {
				t.Errorf("a good forecast: %v", err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want an error with %q", err, c.want)
		}
	}
}
