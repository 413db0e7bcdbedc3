package driver

// Handles of the driver. 0 is none; as a Stream it is the default stream, which
// nobody here uses.
type (
	Device    int32
	Context   uintptr
	Module    uintptr
	Function  uintptr
	Link      uintptr
	Stream    uintptr
	Event     uintptr
	Graph     uintptr
	GraphExec uintptr
	Pool      uintptr
	Address   uint64 // of device memory
)

// Calls is the driver. A tag names the symbol behind a call; those marked
// optional are nil where the driver is too old for them, the others are never
// nil. All calls may come from any thread; those below CtxSetCurrent use the
// context that is current on the calling thread.
//
// Slices and pointers that are passed need live until the call returns, except
// that of an asynchronous copy, which lives until its stream has passed it, and
// a Log, which lives as long as its Link.
type Calls struct {
	Init        func() Code        `symbol:"cuInit"`
	Version     func() (int, Code) `symbol:"cuDriverGetVersion"` // 1000 major + 10 minor of the newest CUDA it serves
	ErrorString func(Code) string  `symbol:"cuGetErrorString"`   // "" for a code that it does not know

	DeviceCount     func() (int, Code)                  `symbol:"cuDeviceGetCount"`
	DeviceGet       func(ordinal int) (Device, Code)    `symbol:"cuDeviceGet"`
	DeviceName      func(Device) (string, Code)         `symbol:"cuDeviceGetName"`
	DeviceUUID      func(Device) ([16]byte, Code)       `symbol:"cuDeviceGetUuid_v2 cuDeviceGetUuid"`
	DeviceTotalMem  func(Device) (uint64, Code)         `symbol:"cuDeviceTotalMem_v2"`
	DeviceAttribute func(Attribute, Device) (int, Code) `symbol:"cuDeviceGetAttribute"`

	PrimaryCtxSetFlags func(Device, uint32) Code           `symbol:"cuDevicePrimaryCtxSetFlags_v2 cuDevicePrimaryCtxSetFlags"`
	PrimaryCtxRetain   func(Device) (Context, Code)        `symbol:"cuDevicePrimaryCtxRetain"`
	PrimaryCtxRelease  func(Device) Code                   `symbol:"cuDevicePrimaryCtxRelease_v2 cuDevicePrimaryCtxRelease"`
	CtxSetCurrent      func(Context) Code                  `symbol:"cuCtxSetCurrent"` // of the calling thread
	CtxSynchronize     func() Code                         `symbol:"cuCtxSynchronize"`
	MemInfo            func() (free, total uint64, c Code) `symbol:"cuMemGetInfo_v2"`

	// An image is PTX with a NUL behind it, or what LinkComplete returned.
	ModuleLoad        func(image []byte, log *Log) (Module, Code) `symbol:"cuModuleLoadDataEx"`
	ModuleUnload      func(Module) Code                           `symbol:"cuModuleUnload"`
	ModuleGetFunction func(Module, string) (Function, Code)       `symbol:"cuModuleGetFunction"`
	LinkCreate        func(log *Log) (Link, Code)                 `symbol:"cuLinkCreate_v2"`
	LinkAddPTX        func(l Link, ptx []byte, name string) Code  `symbol:"cuLinkAddData_v2"` // ptx ends in a NUL
	LinkComplete      func(Link) (image []byte, c Code)           `symbol:"cuLinkComplete"`   // belongs to the Link
	LinkDestroy       func(Link) Code                             `symbol:"cuLinkDestroy"`

	MemAlloc      func(n uint64) (Address, Code)           `symbol:"cuMemAlloc_v2"`
	MemFree       func(Address) Code                       `symbol:"cuMemFree_v2"`
	MemAllocAsync func(n uint64, s Stream) (Address, Code) `symbol:"cuMemAllocAsync" optional:"11.2"`
	MemFreeAsync  func(Address, Stream) Code               `symbol:"cuMemFreeAsync" optional:"11.2"`
	DefaultPool   func(Device) (Pool, Code)                `symbol:"cuDeviceGetDefaultMemPool" optional:"11.2"`
	PoolTrim      func(p Pool, keep uint64) Code           `symbol:"cuMemPoolTrimTo" optional:"11.2"`
	PoolThreshold func(p Pool, bytes uint64) Code          `symbol:"cuMemPoolSetAttribute" optional:"11.2"` // sets CU_MEMPOOL_ATTR_RELEASE_THRESHOLD

	HostAlloc         func(n uint64, flags uint32) ([]byte, Code) `symbol:"cuMemHostAlloc"`
	HostFree          func([]byte) Code                           `symbol:"cuMemFreeHost"`
	HostDeviceAddress func([]byte) (Address, Code)                `symbol:"cuMemHostGetDevicePointer_v2"` // of memory with HostMapped

	CopyToDevice func(dst Address, src []byte, s Stream) Code       `symbol:"cuMemcpyHtoDAsync_v2"`
	CopyToHost   func(dst []byte, src Address, s Stream) Code       `symbol:"cuMemcpyDtoHAsync_v2"`
	Fill         func(dst Address, v byte, n uint64, s Stream) Code `symbol:"cuMemsetD8Async"`

	StreamCreate      func(flags uint32) (Stream, Code) `symbol:"cuStreamCreate"`
	StreamDestroy     func(Stream) Code                 `symbol:"cuStreamDestroy_v2"`
	StreamSynchronize func(Stream) Code                 `symbol:"cuStreamSynchronize"`
	StreamWaitEvent   func(Stream, Event) Code          `symbol:"cuStreamWaitEvent"`

	EventCreate  func(flags uint32) (Event, Code)                    `symbol:"cuEventCreate"`
	EventDestroy func(Event) Code                                    `symbol:"cuEventDestroy_v2"`
	EventRecord  func(Event, Stream) Code                            `symbol:"cuEventRecord"`
	EventQuery   func(Event) Code                                    `symbol:"cuEventQuery"` // NotReady while it is ahead
	EventElapsed func(from, to Event) (milliseconds float32, c Code) `symbol:"cuEventElapsedTime"`

	Launch func(*Launch) Code `symbol:"cuLaunchKernel"`

	CaptureBegin     func(Stream) Code             `symbol:"cuStreamBeginCapture_v2" optional:"10.1"` // thread-local mode
	CaptureEnd       func(Stream) (Graph, Code)    `symbol:"cuStreamEndCapture" optional:"10.0"`
	GraphInstantiate func(Graph) (GraphExec, Code) `symbol:"cuGraphInstantiateWithFlags" optional:"11.4"`
	GraphLaunch      func(GraphExec, Stream) Code  `symbol:"cuGraphLaunch" optional:"10.0"`
	GraphExecDestroy func(GraphExec) Code          `symbol:"cuGraphExecDestroy" optional:"10.0"`
	GraphDestroy     func(Graph) Code              `symbol:"cuGraphDestroy" optional:"10.0"`
}

// Launch is a kernel and how it is run. Params is laid out as the kernel reads
// them; the call copies it.
type Launch struct {
	Function    Function
	Grid, Block [3]uint32 // no 0
	Shared      uint32    // bytes of dynamic shared memory
	Stream      Stream
	Params      []byte
}

// Flags of cuda.h.
const (
	CtxBlockingSync    = 4 // CU_CTX_SCHED_BLOCKING_SYNC
	StreamNonBlocking  = 1 // no order with the default stream
	EventDisableTiming = 2
	HostPortable       = 1 // pinned for every context
	HostMapped         = 2 // the device reads and writes it in place
)

// Attribute is CUdevice_attribute.
type Attribute int32

// Attributes that are asked for.
const (
	Multiprocessors Attribute = 16
	ComputeMajor    Attribute = 75
	ComputeMinor    Attribute = 76
	MemoryPools     Attribute = 115
)

// Log takes what the compiler inside the driver has to say. The driver keeps its
// address.
type Log struct {
	Info, Error [8 << 10]byte

	options [4]uint32
	values  [4]uintptr // lives as long as the Link, says cuda.h
}

// String is the errors, or else the remarks.
func (l *Log) String() string {
	if s := text(l.Error[:]); s != "" {
		return s
	}
	return text(l.Info[:])
}
