// The layout of checkpoint files (format.md), shared by writer and reader.
#pragma once

#include <cstdint>

namespace batchwise {

constexpr char kCheckpointMagic[] = "BWCHKPT1";  // 8 bytes without the terminating zero
constexpr int64_t kPreambleBytes = 24;
constexpr uint32_t kMaxSectionName = 4096;        // bytes
constexpr int64_t kCheckpointBuffer = 64 * 1024;  // bytes held while writing or verifying

enum class SectionKind : uint32_t { End = 0, Header = 1, Tensor = 2, Blob = 3 };

struct SectionStart {
  uint32_t kind;
  uint32_t name_bytes;
  uint64_t bytes;  // of the contents
};
static_assert(sizeof(SectionStart) == 16, "written as it lies in memory");

}  // namespace batchwise
