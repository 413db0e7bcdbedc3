// Package rt is the run time of lowered cells: what their code calls for
// everything that the interpreter cannot be trusted with. It knows the
// notebook's types by number (see Desc), boxes values that reflect cannot tell
// apart, answers type assertions, prints, recovers, selects and defers.
//
// Lowered code sees the methods of a Runtime as the functions of a package,
// through Symbols. All of them may be called from any goroutine.
package rt

import (
	"io"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
)

// Config is what a Runtime asks of its session. Zero fields get the plain Go
// behaviour.
type Config struct {
	// FlagsAt is told where the flags are that lowered code polls: stop, true to
	// send it to Check, and stuck, the same after native calls, which is true
	// while a stopped cell has goroutines.
	FlagsAt func(stop, stuck *bool)
	Check   func() // returns, or ends the goroutine of a stopped cell
	// Leaving tells whether the goroutine's cell is stopped; if it is, Check
	// lets the deferred functions of the goroutine run. May be nil.
	Leaving func() bool
	Exited  func() bool              // whether that was by os.Exit, after which no deferred function runs; may be nil
	Done    func() <-chan struct{}   // closed when the calling goroutine is to end; may be nil
	Go      func(func())             // starts a goroutine of the calling cell
	Show    func([]any)              // receives the values of a cell's last expression
	Reached func(cell uint64, n int) // hears that n steps of a cell have declared their variables, see ir.Unit
	Stderr  io.Writer                // of print and println
	// Wrapper returns the struct type by which yaegi implements a native
	// interface: fields IValue and, for each method M, WM. Nil if unknown.
	Wrapper func(pkg, name string) reflect.Type
}

// Runtime is the state behind the lowered code of one session.
type Runtime struct {
	Config
	mu     sync.Mutex // of writers; readers load the tables
	descs  atomic.Pointer[tables]
	line   *int
	stop   *bool
	stuck  *bool
	top    *int
	panics frames
	flight flights

	unhashable atomic.Pointer[unhashable] // the last such key
	wrappers   sync.Map                   // of wrapped: its reflect.Type
	living     sync.Map                   // wrappers that are in use, of wrappedValue: life
	refs       sync.Map                   // numbers of types that reflect takes for others, of int: *typeRef
	strays     sync.Map                   // native interfaces that no cell has named, of reflect.Type: *Iface
	lookedInto sync.Map                   // of native types, see looksInto
	lastMade   int                        // counts types that reflection made; under mu
}

// tables are replaced whole, so that readers need no lock.
type tables struct {
	byID   map[int]*Desc
	byType map[reflect.Type]*Desc
	ifaces map[int]*Iface
	wraps  map[reflect.Type]bool
}

// New returns a Runtime.
func New(c Config) *Runtime {
	r := &Runtime{Config: c, stop: new(bool), stuck: new(bool)}
	if r.Config.FlagsAt == nil {
		r.Config.FlagsAt = func(stop, stuck *bool) {}
	}
	if r.Check == nil {
		r.Config.Check = func() {}
	}
	if r.Config.Leaving == nil {
		r.Config.Leaving = func() bool { return false }
	}
	if r.Config.Exited == nil {
		r.Config.Exited = func() bool { return false }
	}
	if r.Config.Done == nil {
		r.Config.Done = func() <-chan struct{} { return nil }
	}
	if r.Config.Go == nil {
		r.Config.Go = func(f func()) { go f() }
	}
	if r.Config.Show == nil {
		r.Config.Show = func([]any) {}
	}
	if r.Config.Reached == nil {
		r.Config.Reached = func(uint64, int) {}
	}
	if r.Stderr == nil {
		r.Stderr = io.Discard
	}
	if r.Wrapper == nil {
		r.Wrapper = func(string, string) reflect.Type { return nil }
	}
	r.descs.Store(&tables{byID: map[int]*Desc{}, byType: map[reflect.Type]*Desc{}, ifaces: map[int]*Iface{}, wraps: map[reflect.Type]bool{}})
	return r
}

// LineAt tells where marks store: all of them, and those of the statements of
// cells. Lowered code calls it once.
func (r *Runtime) LineAt(line, top *int) { r.line, r.top = line, top }

// Top is the number of the last mark among the cell's own statements.
func (r *Runtime) Top() int {
	if r.top == nil {
		return 0
	}
	return *r.top
}

func (r *Runtime) flagsAt(stop, stuck *bool) {
	r.stop, r.stuck = stop, stuck
	r.Config.FlagsAt(stop, stuck)
}

// Line is the number of the last mark that any goroutine has passed; 0 before
// the first. A reader who wants to blame a statement must check that the mark
// lies in the function that failed: other goroutines store here too.
func (r *Runtime) Line() int {
	if r.line == nil {
		return 0
	}
	return *r.line
}

// Symbols is the table of package rt for yaegi's Use.
func Symbols(r *Runtime) map[string]reflect.Value {
	m := map[string]reflect.Value{
		"Defers": reflect.ValueOf((*Defers)(nil)),
	}
	for elem, add := range sliceTypes {
		add(elem, m)
	}
	for name, f := range map[string]any{
		"LineAt": r.LineAt, "FlagsAt": r.flagsAt, "Check": func() { r.Config.Check() }, "Go": func(f func()) { r.Config.Go(f) }, "End": runtime.Goexit,
		"Known": r.Known, "Method": r.Method, "NativeIface": r.NativeIface, "IfaceMethod": r.IfaceMethod,
		"Box": r.Box, "BoxEmpty": r.BoxEmpty, "V": V, "Un": r.Un, "I": I, "Raw": r.Raw, "Gobbed": r.Gobbed, "GobTarget": r.GobTarget, "Exported": r.Exported, "TemplateExecute": r.TemplateExecute, "TemplateExecuteTemplate": r.TemplateExecuteTemplate, "TemplateFuncs": r.TemplateFuncs, "Scanned": r.Scanned, "Plain": r.Plain, "SQL": r.SQL, "Signer": r.Signer, "Quick": r.Quick, "Nop": Nop,
		"Impl": r.Impl, "BadAssert": r.BadAssert,
		"ToErr": r.ToErr, "ToNative": r.ToNative, "CallN": r.CallN, "Eq": r.Eq, "Key": r.Key, "Chain": r.Chain, "AsMethod": r.AsMethod, "Logged": r.Logged, "JSONMarshal": r.JSONMarshal, "JSONMarshalIndent": r.JSONMarshalIndent, "JSONEncode": r.JSONEncode, "EncodedXML": r.EncodedXML, "Decode": r.Decode, "Reflected": r.Reflected, "DeepEqual": r.DeepEqual, "TypeString": r.TypeString, "TypeName": r.TypeName,
		"TypePkgPath": r.TypePkgPath, "TypeField": r.TypeField, "TypeFieldByName": r.TypeFieldByName, "TypeNumMethod": r.TypeNumMethod, "TypeMethod": r.TypeMethod,
		"TypeMethodByName": r.TypeMethodByName, "TypeImplements": r.TypeImplements,
		"ValueFieldByName": r.ValueFieldByName, "ValueField": r.ValueField, "ValueFieldByIndex": r.ValueFieldByIndex, "RealType": r.RealType, "ValueElem": r.ValueElem, "TypeOf": r.TypeOf, "ValueOf": r.ValueOf, "ValueString": r.ValueString, "ValueIndex": r.ValueIndex, "ValueMapIndex": r.ValueMapIndex, "ValueMapKeys": r.ValueMapKeys, "MapIterKey": r.MapIterKey, "MapIterValue": r.MapIterValue, "ValueAddr": r.ValueAddr, "ValueZero": r.ValueZero, "ValueMakeSlice": r.ValueMakeSlice, "ValueMakeMap": r.ValueMakeMap, "ValueMakeMapWithSize": r.ValueMakeMapWithSize, "ValueMakeChan": r.ValueMakeChan, "ValueConvert": r.ValueConvert, "ValueCall": r.ValueCall, "ValueSend": r.ValueSend, "ValueRecv": r.ValueRecv, "ValueSlice": r.ValueSlice, "ValueSlice3": r.ValueSlice3, "ValueCallSlice": r.ValueCallSlice, "TypeSliceOf": r.TypeSliceOf, "TypeStructOf": r.TypeStructOf, "TypePointerTo": r.TypePointerTo, "TypeMapOf": r.TypeMapOf, "ValueAppend": r.ValueAppend, "ValueAppendSlice": r.ValueAppendSlice, "ValueSet": r.ValueSet, "ValueSetMapIndex": r.ValueSetMapIndex, "TypeConvertibleTo": r.TypeConvertibleTo, "TypeAssignableTo": r.TypeAssignableTo, "ValueNew": r.ValueNew, "Untagged": r.Untagged, "ValueIndirect": r.ValueIndirect, "ValueInterface": r.ValueInterface, "ValueType": r.ValueType, "Sized": r.Sized, "ValuePointer": r.ValuePointer, "ValueNumMethod": r.ValueNumMethod, "ValueMethod": r.ValueMethod, "ValueMethodByName": r.ValueMethodByName,
		"TypeArrayOf": r.TypeArrayOf, "TypeChanOf": r.TypeChanOf, "TypeFieldByIndex": r.TypeFieldByIndex, "TypeFieldByNameFunc": r.TypeFieldByNameFunc, "TypeFields": r.TypeFields, "TypeFuncOf": r.TypeFuncOf, "TypeMethods": r.TypeMethods, "TypeNumField": r.TypeNumField, "TypeVisibleFields": r.TypeVisibleFields, "ValueCanConvert": r.ValueCanConvert, "ValueCopy": r.ValueCopy, "ValueEqual": r.ValueEqual, "ValueSelect": r.ValueSelect, "ValueMakeFunc": r.ValueMakeFunc, "ValueFieldByIndexErr": r.ValueFieldByIndexErr, "ValueFieldByNameFunc": r.ValueFieldByNameFunc, "ValueFields": r.ValueFields, "ValueMethods": r.ValueMethods, "ValueNumField": r.ValueNumField, "ValueSeq": r.ValueSeq, "ValueSeq2": r.ValueSeq2, "ValueSetIterKey": r.ValueSetIterKey, "ValueSetIterValue": r.ValueSetIterValue, "ValueTryRecv": r.ValueTryRecv, "ValueTrySend": r.ValueTrySend,
		"View": r.View, "Worded": r.Worded,
		"NewDefers": r.NewDefers, "Run": Run, "Armed": r.Armed, "Recover": r.Recover, "Panic": Panic,
		"NilDeref": NilDeref, "NilWrapper": NilWrapper, "BadIndex": BadIndex, "CheckSlice": CheckSlice, "BadLen": BadLen, "IterPanic": IterPanic, "Missing": Missing,
		"Sh": Sh, "Inf": Inf, "C128": C128, "C64": C64, "RuneStr": RuneStr, "Runes": Runes,
		"Fmin": Fmin, "Fmax": Fmax, "Clear": Clear, "Overlaps": Overlaps, "MapClone": MapClone, "Hash": r.Hash, "WriteHash": r.WriteHash, "ArrayOf": ArrayOf,
		"HKDFExtract": hkdfExtract, "HKDFExpand": hkdfExpand, "HKDFKey": hkdfKey, "PBKDF2Key": pbkdf2Key,
		"Reached": func(cell uint64, n int) { r.Config.Reached(cell, n) },
		"Print":   r.Print, "Show": func(vs []any) { r.show(vs) },
		"Sprint": r.Sprint, "Sprintln": r.Sprintln, "Sprintf": r.Sprintf,
		"Arg": r.arg, "Args": r.Args, "ErrorArgs": r.ErrorArgs, "Format": r.Format, "Errorf": r.Errorf,
	} {
		m[name] = reflect.ValueOf(f)
	}
	return m
}
