# The words of the project: make, setup, demo, test, parity, check, format, bench, bench-quick, install, clean.
BUILD  ?= build
PREFIX ?= /usr/local
# Compiling a file takes up to about 1 GiB: fewer jobs than cores where memory is small.
JOBS   ?= $(shell cores=$$(nproc); room=$$(awk '/MemAvailable/ {print int($$2 / 1000000)}' /proc/meminfo); \
            n=$$((cores < room ? cores : room)); echo $$((n > 0 ? n : 1)))

.PHONY: all everything setup setup-tests demo test parity check format bench bench-quick install clean

# The library and the program; what tests and benchmarks need besides is built by their words.
all: $(BUILD)/build.ninja
	@cmake --build $(BUILD) --parallel $(JOBS) --target batchwise batchwise_program

everything: $(BUILD)/build.ninja
	@cmake --build $(BUILD) --parallel $(JOBS)

$(BUILD)/build.ninja:
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release

setup:
	@tools/setup.sh

setup-tests:
	@tools/setup.sh tests

demo: setup
	@$(MAKE) --no-print-directory all
	@tools/demo.sh $(BUILD)/batchwise

test: setup-tests
	@$(MAKE) --no-print-directory everything
	@ctest --test-dir $(BUILD) --output-on-failure --parallel $(JOBS)

# Random models in real Keras and here, compared; TensorFlow comes from PyPI. MODELS and SEED choose which.
MODELS ?= 200
SEED   ?= 1
parity: setup
	@$(MAKE) --no-print-directory all
	@tests/parity/run.sh $(BUILD) $(MODELS) $(SEED)

check: setup-tests
	@tools/check.sh $(JOBS)

format:
	@git ls-files '*.h' '*.cpp' | xargs clang-format -i

bench: setup everything
	@python3 bench/run.py --build $(BUILD)

bench-quick: setup everything
	@python3 bench/run.py --build $(BUILD) --quick

install: all
	@DESTDIR=$(DESTDIR) cmake --install $(BUILD) --prefix $(PREFIX)

clean:
	@rm -rf build build-*
