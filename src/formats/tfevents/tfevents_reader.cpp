// Event files, read back: records with checksums, and the few fields of events that hold scalars.
#include <bit>
#include <cstring>

#include <batchwise/error.h>

#include "base/input_file.h"
#include "formats/protobuf/fields.h"
#include "formats/tfevents/tfevents.h"
#include "formats/tfrecord/crc32c.h"

namespace batchwise {
namespace {

constexpr int64_t kMaxEvent = int64_t{16} << 20;  // bytes: events of scalars have about fifty

float float_of(uint64_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits)); }

void read_value(std::string_view message, TfScalar event, std::string_view where, std::vector<TfScalar>& out) {
  bool found = false;
  WireField field;
  for (WireFields fields(message, where); fields.next(&field);) {
    if (field.number == 1 && field.wire == 2) event.tag = field.bytes;
    if (field.number == 2 && field.wire == 5) {
      event.value = float_of(field.number_value);
      found = true;
    }
    if (field.number != 8 || field.wire != 2) continue;
    WireField inner;  // a tensor: its float_val, plain or packed, or its raw content
    for (WireFields tensor(field.bytes, where); tensor.next(&inner);) {
      if (inner.number == 5 && inner.wire == 5) event.value = float_of(inner.number_value);
      else if ((inner.number == 5 || inner.number == 4) && inner.wire == 2 && inner.bytes.size() == 4)
        event.value = float_of(little_endian(inner.bytes));
      else continue;
      found = true;
    }
  }
  if (found) out.push_back(event);
}

void read_event(std::string_view message, std::string_view where, std::vector<TfScalar>& out) {
  TfScalar event;
  std::vector<std::string_view> values;
  WireField field;
  for (WireFields fields(message, where); fields.next(&field);) {
    if (field.number == 1 && field.wire == 1) event.wall_time = std::bit_cast<double>(field.number_value);
    if (field.number == 2 && field.wire == 0) event.step = static_cast<int64_t>(field.number_value);
    if (field.number != 5 || field.wire != 2) continue;
    WireField value;
    for (WireFields summary(field.bytes, where); summary.next(&value);)
      if (value.number == 1 && value.wire == 2) values.push_back(value.bytes);
  }
  for (std::string_view value : values) read_value(value, event, where, out);
}

}  // namespace

std::vector<TfScalar> read_tfevents(const std::string& path) {
  const InputFile file(path);
  std::vector<TfScalar> scalars;
  std::string event;
  for (int64_t at = 0; at + 12 <= file.size();) {
    char head[12];
    file.read_at(at, head, 12);
    const std::string_view length(head, 8);
    require(little_endian(std::string_view(head + 8, 4)) == masked_crc32c(length), path,
            "every record must start with its length and a checksum. Got damage at byte ", at, ".");
    const uint64_t size = little_endian(length);
    require(size <= static_cast<uint64_t>(kMaxEvent), path, "an event may have at most ", kMaxEvent, " bytes. Got ",
            size, ".");
    if (at + 12 + static_cast<int64_t>(size) + 4 > file.size()) break;
    event.resize(size + 4);
    file.read_at(at + 12, event.data(), static_cast<int64_t>(event.size()));
    const std::string_view message = std::string_view(event).substr(0, size);
    require(little_endian(std::string_view(event).substr(size)) == masked_crc32c(message), path,
            "every event must agree with its checksum. Got damage at byte ", at, ".");
    read_event(message, path, scalars);
    at += 12 + static_cast<int64_t>(event.size());
  }
  return scalars;
}

}  // namespace batchwise
