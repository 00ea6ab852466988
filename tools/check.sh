#!/bin/sh
# All checks beyond the tests: format, source rules, clang-tidy, and the test suites under the sanitizers.
set -eu
cd "$(dirname "$0")/.."
jobs=${1:-$(nproc)}

echo "check: format"
git ls-files '*.h' '*.cpp' | xargs clang-format --dry-run -Werror

echo "check: source rules"
python3 tools/check_sources.py

echo "check: clang-tidy"
cmake --preset release >/dev/null
cmake --build --preset release --parallel "$jobs"
git ls-files 'src/*.cpp' 'examples/*.cpp' | grep -v '_fuzz\.cpp$' |
  xargs -P "$jobs" -n 4 clang-tidy -p build --quiet --warnings-as-errors='*'

# Address space randomisation beyond what the runtimes of clang 14 and g++ 12 expect makes them fail at random.
fixed_addresses=""
if setarch "$(uname -m)" -R true 2>/dev/null; then fixed_addresses="setarch $(uname -m) -R"; fi
for sanitizer in asan ubsan tsan; do
  echo "check: $sanitizer"
  cmake --preset $sanitizer >/dev/null
  cmake --build --preset $sanitizer --parallel "$jobs"
  $fixed_addresses ctest --preset $sanitizer --parallel "$jobs"
done
echo "check: all passed"
