package series_test

import (
	"fmt"
	"math"
	"strings"

	"surprisal/gpu/dataset"
	"surprisal/gpu/series"
)

func ExampleFromTable() {
	table, err := dataset.ReadCSV(strings.NewReader("date,rain,wind\n2012-01-01,0.5,3\n2012-01-02,0,4\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	rec, err := series.FromTable(table)
	fmt.Println(rec.WithStep(1, "d"), err)
	// Output: recording, 2 rows, one every 1 d: rain, wind <nil>
}

func ExampleRecording_RemoveSeason() {
	year := make([]float64, 24) // two years of months
	for i := range year {
		year[i] = 10 + 8*math.Cos(2*math.Pi*float64(i)/12)
	}
	year[5]++
	rec, err := series.New(series.Column{Name: "temperature", Values: year})
	if err != nil {
		fmt.Println(err)
		return
	}
	rec, err = rec.RemoveSeason(12, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := rec.Column("temperature")
	fmt.Printf("%.2f %.2f %v\n", c.Values[0], c.Values[5], err)
	// Output: 0.03 0.87 <nil>
}

func ExampleEmbedding_Of() {
	rec, err := series.New(series.Column{Name: "x", Values: []float64{0, 1, 2, 3}}, series.Column{Name: "y", Values: []float64{10, 11, 12, 13}})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := series.Embedding{Delay: 2}.Of(rec, []string{"x"}, []string{"y"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range s.Variables {
		fmt.Println(v.Name, v.Columns)
	}
	// Output:
	// x [[0 1]]
	// y [[12 13]]
	// y [[11 12]]
}
