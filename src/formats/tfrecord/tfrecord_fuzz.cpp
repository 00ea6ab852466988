// Fuzzes TFRecord files and the Examples in them: everything is read within bounds or refused with an Error.
#include <unistd.h>

#include <sys/mman.h>

#include <batchwise/error.h>

#include "formats/tfrecord/example.h"
#include "formats/tfrecord/tfrecord.h"

namespace {

void read_all(std::string_view example) {
  using namespace batchwise;
  each_feature(example, "fuzz", [](const Feature& feature) {
    const auto count = static_cast<size_t>(feature.count());
    std::vector<float> floats(feature.kind() == FeatureKind::Floats ? count : 0);
    std::vector<int64_t> integers(feature.kind() == FeatureKind::Integers ? count : 0);
    if (feature.kind() == FeatureKind::Floats) feature.floats(floats);
    if (feature.kind() == FeatureKind::Integers) feature.integers(integers);
    if (feature.kind() == FeatureKind::Bytes && count > 0) feature.bytes(static_cast<int64_t>(count) - 1);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  try {
    read_all({reinterpret_cast<const char*>(data), size});
  } catch (const Error&) {}
  const int file = ::memfd_create("fuzz", 0);
  if (file < 0 || ::write(file, data, size) != static_cast<ssize_t>(size)) return 0;
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  try {
    char unpacked[4096];
    if (const Packing packing = tfrecord_packing(path); packing != Packing::None)
      for (ByteStream stream(path, packing); stream.read(unpacked, sizeof unpacked) == sizeof unpacked;) {}
    const TfRecords records(path);
    for (int64_t i = 0; i < records.size(); ++i) read_all(records.read(i));
  } catch (const Error&) {}
  ::close(file);
  return 0;
}
