#!/bin/sh
# Installs the Debian packages that building, testing and measuring need; does nothing when all are there. With the word
# "tests" also those that only tests use.
set -eu

packages="
  g++ make cmake ninja-build ccache pkg-config
  libhwy-dev libhdf5-dev zlib1g-dev libxxhash-dev libutf8proc-dev nlohmann-json3-dev libcli11-dev
  libjpeg-dev libpng-dev libgif-dev libwebp-dev
  libgtest-dev libgmock-dev librapidcheck-dev
  dataset-fashion-mnist
  clang clang-format clang-tidy libclang-rt-14-dev
  python3 python3-venv strace valgrind"
# Tests of reports open them in a browser; without one they are skipped.
[ "${1:-}" != tests ] || packages="$packages chromium"

missing=""
for package in $packages; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  case "$status" in
    *"install ok installed") ;;
    *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: these packages are missing and there is no sudo; install them as root:$missing" >&2; exit 1; }
  as_root="sudo"
fi
echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
