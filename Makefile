# The two commands of a fresh machine are `make run` and `make test`; both install, build and go.
BUILD   := build/release
PRESET  ?= release
JOBS    ?= $(shell nproc)
SOURCES := $(shell git ls-files '*.cpp' '*.hpp' '*.js' 2>/dev/null)

.PHONY: run test test-all bench validate format lint build install-dependencies clean
.DEFAULT_GOAL := build

install-dependencies:
	@scripts/install-dependencies.sh

build: install-dependencies
	@cmake --preset $(PRESET) >/dev/null
	@cmake --build --preset $(PRESET) -j $(JOBS)

# The main job: Debian's U-Boot to its prompt, then the hypervisor benchmark at two settings, reported side by side.
run: build
	@scripts/run-demo.sh $(BUILD)

# Everything but the long tests (label "long").
test: build
	@ctest --preset $(PRESET) -j $(JOBS) -LE long

test-all: build
	@ctest --preset $(PRESET) -j $(JOBS)

bench: build
	@bench/run.sh $(BUILD)

# Writes docs/validation.md: measured costs beside published ones. SOFTWARE=1: the rows that need real software too.
validate: build
	@scripts/validate.py --build $(BUILD) $(if $(SOFTWARE),--software)

format:
	@clang-format -i $(SOURCES)

lint: build
	@clang-format --dry-run --Werror $(SOURCES)
	@run-clang-tidy -quiet -p build/$(PRESET) $(filter models/%.cpp platforms/%.cpp sc_main/%.cpp,$(SOURCES))

install: build
	@cmake --install build/$(PRESET)

clean:
	rm -rf build
