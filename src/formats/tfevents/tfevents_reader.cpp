// Event files, read back: records with checksums, and the few fields of events that hold scalars.
#include <bit>
#include <cstring>

#include <batchwise/error.h>

#include "base/input_file.h"
#include "formats/tfevents/crc32c.h"
#include "formats/tfevents/tfevents.h"

namespace batchwise {
namespace {

constexpr int64_t kMaxEvent = int64_t{16} << 20;  // bytes: events of scalars have about fifty

uint64_t fixed(std::string_view bytes, int size) {
  uint64_t value = 0;
  for (int i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[static_cast<size_t>(i)]);
  return value;
}

struct Field {
  int number = 0;
  int wire = 0;
  uint64_t number_value = 0;  // wire types 0, 1 and 5
  std::string_view bytes;     // wire type 2
};

// Walks the fields of one message.
class Fields {
 public:
  Fields(std::string_view message, std::string_view where) : rest_(message), where_(where) {}

  bool next(Field* field) {
    if (rest_.empty()) return false;
    const uint64_t key = varint();
    field->number = static_cast<int>(key >> 3 & 0x1fffffff);
    field->wire = static_cast<int>(key & 7);
    if (field->wire == 0) field->number_value = varint();
    else if (field->wire == 1) field->number_value = fixed(take(8), 8);
    else if (field->wire == 5) field->number_value = fixed(take(4), 4);
    else if (field->wire == 2) field->bytes = take(varint());
    else fail(where_, "events must be protocol buffers. Got the wire type ", field->wire, ".");
    return true;
  }

 private:
  std::string_view take(uint64_t size) {
    require(size <= rest_.size(), where_, "fields must lie inside their event. Got a damaged event.");
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint64_t byte = fixed(take(1), 1);
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    fail(where_, "numbers have at most ten bytes. Got a damaged event.");
  }

  std::string_view rest_;
  std::string_view where_;
};

float float_of(uint64_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits)); }

void read_value(std::string_view message, TfScalar event, std::string_view where, std::vector<TfScalar>& out) {
  bool found = false;
  Field field;
  for (Fields fields(message, where); fields.next(&field);) {
    if (field.number == 1 && field.wire == 2) event.tag = field.bytes;
    if (field.number == 2 && field.wire == 5) {
      event.value = float_of(field.number_value);
      found = true;
    }
    if (field.number != 8 || field.wire != 2) continue;
    Field inner;  // a tensor: its float_val, plain or packed, or its raw content
    for (Fields tensor(field.bytes, where); tensor.next(&inner);) {
      if (inner.number == 5 && inner.wire == 5) event.value = float_of(inner.number_value);
      else if ((inner.number == 5 || inner.number == 4) && inner.wire == 2 && inner.bytes.size() == 4)
        event.value = float_of(fixed(inner.bytes, 4));
      else continue;
      found = true;
    }
  }
  if (found) out.push_back(event);
}

void read_event(std::string_view message, std::string_view where, std::vector<TfScalar>& out) {
  TfScalar event;
  std::vector<std::string_view> values;
  Field field;
  for (Fields fields(message, where); fields.next(&field);) {
    if (field.number == 1 && field.wire == 1) event.wall_time = std::bit_cast<double>(field.number_value);
    if (field.number == 2 && field.wire == 0) event.step = static_cast<int64_t>(field.number_value);
    if (field.number != 5 || field.wire != 2) continue;
    Field value;
    for (Fields summary(field.bytes, where); summary.next(&value);)
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
    require(fixed(std::string_view(head + 8, 4), 4) == masked_crc32c(length), path,
            "every record must start with its length and a checksum. Got damage at byte ", at, ".");
    const uint64_t size = fixed(length, 8);
    require(size <= static_cast<uint64_t>(kMaxEvent), path, "an event may have at most ", kMaxEvent, " bytes. Got ",
            size, ".");
    if (at + 12 + static_cast<int64_t>(size) + 4 > file.size()) break;
    event.resize(size + 4);
    file.read_at(at + 12, event.data(), static_cast<int64_t>(event.size()));
    const std::string_view message = std::string_view(event).substr(0, size);
    require(fixed(std::string_view(event).substr(size), 4) == masked_crc32c(message), path,
            "every event must agree with its checksum. Got damage at byte ", at, ".");
    read_event(message, path, scalars);
    at += 12 + static_cast<int64_t>(event.size());
  }
  return scalars;
}

}  // namespace batchwise
