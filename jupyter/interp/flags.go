package interp

import (
	"flag"
	"reflect"
)

// flagsShown runs what may print the defaults of a set of flags. Package flag
// leaves a default out if it is what a zero value of the flag's type says; the
// zero of a wrapper, which a flag of the notebook has, says nothing.
func (s *Session) flagsShown(fs *flag.FlagSet, f func()) {
	var hidden []func()
	fs.VisitAll(func(f *flag.Flag) {
		if text, ok := s.runtime.ZeroText(f.Value); ok && text == f.DefValue && text != "" {
			hidden = append(hidden, func() { f.DefValue = text })
			f.DefValue = ""
		}
	})
	defer func() {
		for _, show := range hidden {
			show()
		}
	}()
	f()
}

// flagMethods stand in for what prints defaults, see standIns.
func (s *Session) flagMethods() map[string]reflect.Value {
	return map[string]reflect.Value{
		"FlagSet.PrintDefaults": reflect.ValueOf(func(fs *flag.FlagSet) { s.flagsShown(fs, fs.PrintDefaults) }),
		"FlagSet.Parse": reflect.ValueOf(func(fs *flag.FlagSet, args []string) (err error) {
			s.flagsShown(fs, func() { err = fs.Parse(args) })
			return err
		}),
	}
}
