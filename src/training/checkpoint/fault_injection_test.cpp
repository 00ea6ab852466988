// File operations that fail on command. They take the place of the C library's in this test program only.
#include "training/checkpoint/fault_injection_test.h"

#include <cerrno>

#include <atomic>

#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

namespace batchwise::testing {
namespace {

std::atomic<int> remaining{0};
std::atomic<int> injected{0};
std::atomic<bool> failed{false};

bool fails_now() {
  if (remaining.load() == 0 || remaining.fetch_sub(1) != 1) return false;
  failed = true;
  errno = injected;
  return true;
}

}  // namespace

void fail_file_operation(int call, int error) {
  injected = error;
  failed = false;
  remaining = call;
}
bool file_operation_failed() { return failed; }

}  // namespace batchwise::testing

namespace {

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t pwrite(int file, const void* data, size_t bytes, off_t offset) {
  if (batchwise::testing::fails_now()) return -1;
  static const auto next = real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return next(file, data, bytes, offset);
}

int fsync(int file) {
  if (batchwise::testing::fails_now()) return -1;
  static const auto next = real<int (*)(int)>("fsync");
  return next(file);
}

int rename(const char* from, const char* to) noexcept {
  if (batchwise::testing::fails_now()) return -1;
  static const auto next = real<int (*)(const char*, const char*)>("rename");
  return next(from, to);
}

}  // extern "C"
