"""The PTX for compute_90a that NVRTC makes of a source: python nvrtc.py SOURCE.

It goes to standard output, and what NVRTC says to standard error. The library is that
of the environment of this Python.
"""

import ctypes
import pathlib
import sys
import sysconfig

libraries = pathlib.Path(sysconfig.get_path("purelib"), "nvidia/cuda_nvrtc/lib")
ctypes.CDLL(str(libraries / "libnvrtc-builtins.so.12.0"), mode=ctypes.RTLD_GLOBAL)
library = ctypes.CDLL(str(libraries / "libnvrtc.so.12"))
program = ctypes.c_void_p()


def call(function, *arguments):
    code = getattr(library, "nvrtc" + function)(*arguments)
    if code and function != "CompileProgram":
        sys.exit(f"nvrtc{function} says {code}")
    return code


def text(what):
    size = ctypes.c_size_t()
    call(f"Get{what}Size", program, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(size.value)
    call("Get" + what, program, buffer)
    return buffer.value.decode()


source = pathlib.Path(sys.argv[1]).resolve()
options = ["--gpu-architecture=compute_90a", "--std=c++17", "--fmad=false", "--disable-warnings", f"--include-path={source.parent}"]
arguments = (ctypes.c_char_p * len(options))(*map(str.encode, options))
call("CreateProgram", ctypes.byref(program), source.read_bytes(), source.name.encode(), 0, None, None)
failed = call("CompileProgram", program, len(options), arguments)
print(text("ProgramLog"), file=sys.stderr, end="")
if failed:
    sys.exit(1)
print(text("PTX"), end="")
