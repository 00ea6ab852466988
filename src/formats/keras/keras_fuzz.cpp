// Fuzzes ZIP and .keras archives: every member is read within a bound, or refused with an Error. The inner HDF5 file is
// left to libhdf5's own tests: its parser is not ours.
#include <unistd.h>

#include <fcntl.h>
#include <sys/mman.h>

#include <batchwise/error.h>

#include "formats/json/json.h"
#include "formats/npz/npz.h"
#include "formats/zip/zip_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  const int file = ::memfd_create("fuzz", 0);
  if (file < 0 || ::write(file, data, size) != static_cast<ssize_t>(size)) return 0;
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  try {
    const ZipReader zip(path);
    for (const ZipMember& member : zip.members()) {
      try {
        parse_json(zip.read(member, 1 << 20), member.name);
      } catch (const Error&) {}
    }
    const NpzReader npz(path);
    for (const NpzMember& member : npz.members())
      if (member.header.data_bytes() < 1 << 20) npz.read(member.name);
  } catch (const Error&) {}
  ::close(file);
  return 0;
}
