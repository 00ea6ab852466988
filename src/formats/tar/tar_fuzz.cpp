// Fuzzes tar archives: members lie inside the file, or the archive is refused with an Error.
#include <cstdlib>

#include <unistd.h>

#include <sys/mman.h>

#include <batchwise/error.h>

#include "formats/tar/tar.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  const int descriptor = ::memfd_create("fuzz", 0);
  if (descriptor < 0 || ::write(descriptor, data, size) != static_cast<ssize_t>(size)) return 0;
  try {
    const InputFile file("/proc/self/fd/" + std::to_string(descriptor));
    const auto members = index_tar(file);
    for (const TarMember& member : members)
      if (member.offset < 0 || member.bytes < 0 || member.offset + member.bytes > file.size()) std::abort();
    shard_samples(members, "fuzz");
  } catch (const Error&) {}
  ::close(descriptor);
  return 0;
}
