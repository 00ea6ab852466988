// Walks the fields of one protocol-buffer message.
#pragma once

#include <cstdint>
#include <string_view>

#include <batchwise/error.h>

namespace batchwise {

// Bytes of a little-endian number.
inline uint64_t little_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// Takes values off the front of a message. Throws Error(Input) where one would leave it. Does not allocate.
class WireReader {
 public:
  WireReader(std::string_view message, std::string_view where) : rest_(message), where_(where) {}

  bool done() const { return rest_.empty(); }
  std::string_view take(uint64_t size) {
    require(size <= rest_.size(), where_, "fields must lie inside their message. Got a damaged message.");
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint64_t byte = little_endian(take(1));
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    fail(where_, "numbers have at most ten bytes. Got a damaged message.");
  }

 protected:
  std::string_view rest_;
  std::string_view where_;
};

struct WireField {
  int number = 0;
  int wire = 0;               // 0 varint, 1 eight bytes, 2 bytes with their length, 5 four bytes
  uint64_t number_value = 0;  // wire types 0, 1 and 5
  std::string_view bytes;     // wire type 2
};

class WireFields : private WireReader {
 public:
  using WireReader::WireReader;

  bool next(WireField* field) {
    if (done()) return false;
    const uint64_t key = varint();
    field->number = static_cast<int>(key >> 3 & 0x1fffffff);
    field->wire = static_cast<int>(key & 7);
    if (field->wire == 0) field->number_value = varint();
    else if (field->wire == 1) field->number_value = little_endian(take(8));
    else if (field->wire == 5) field->number_value = little_endian(take(4));
    else if (field->wire == 2) field->bytes = take(varint());
    else fail(where_, "messages must be protocol buffers. Got the wire type ", field->wire, ".");
    return true;
  }
};

}  // namespace batchwise
