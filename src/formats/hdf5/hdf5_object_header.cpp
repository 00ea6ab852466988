// Headers of HDF5 objects, both forms: messages in chunks that name the next one.
#include "formats/hdf5/hdf5_object_header.h"

#include <algorithm>
#include <vector>

#include "formats/hdf5/hdf5_fields.h"

namespace batchwise {
namespace {

constexpr unsigned kAttribute = 0x0C, kContinuation = 0x10, kAttributeInfo = 0x15;
constexpr unsigned kShared = 2;              // flag of a message that lies elsewhere
constexpr uint64_t kNowhere = ~uint64_t{0};  // an address that is not set

struct Chunk {
  uint64_t address, size;
};

class Header {
 public:
  Header(Hdf5Bytes& bytes, std::string_view where) : bytes_(bytes), where_(where) {}

  std::optional<Hdf5RawAttribute> find(uint64_t address, std::string_view name) {
    first_chunk(address);
    // Chunks may name each other in circles: what lies in the file once is not read many times over.
    uint64_t read = 0;
    for (size_t c = 0; c < chunks_.size(); ++c) {
      read += chunks_[c].size + 1;
      if (read > static_cast<uint64_t>(bytes_.size())) Hdf5Fields::damaged(where_);
      const std::string chunk = hdf5_part(bytes_, chunks_[c].address, chunks_[c].size, where_);
      if (auto found = find_in(chunk, name, c == 0)) return found;
    }
    if (elsewhere_)
      fail(std::string(where_), "attributes must lie in their object's header. Got an object with too many.");
    return std::nullopt;
  }

 private:
  void first_chunk(uint64_t address) {
    const std::string start = hdf5_part(bytes_, address, 16, where_);
    if (start.starts_with("OHDR")) {
      Hdf5Fields fields(start, where_);
      fields.take(5);
      const unsigned flags = static_cast<unsigned>(fields.number(1));
      newer_ = true;
      ordered_ = flags & 0x04;
      const uint64_t before = 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
      const int width = 1 << (flags & 3);
      const std::string size = hdf5_part(bytes_, address + before, static_cast<uint64_t>(width), where_);
      chunks_.push_back({address + before + static_cast<uint64_t>(width), Hdf5Fields(size, where_).number(width)});
      return;
    }
    Hdf5Fields fields(start, where_);
    if (fields.number(1) != 1) Hdf5Fields::damaged(where_);
    fields.take(7);
    chunks_.push_back({address + 16, fields.number(4)});
  }

  std::optional<Hdf5RawAttribute> find_in(const std::string& chunk, std::string_view name, bool first) {
    Hdf5Fields fields(chunk, where_);
    if (newer_ && !first) {
      if (fields.take(4) != "OCHK") Hdf5Fields::damaged(where_);
    }
    const uint64_t head = newer_ ? (ordered_ ? 6 : 4) : 8;
    const uint64_t behind = newer_ && !first ? 4 : 0;  // a checksum
    while (fields.left() >= head + behind) {
      const unsigned type = static_cast<unsigned>(fields.number(newer_ ? 1 : 2));
      const uint64_t size = fields.number(2);
      const unsigned flags = static_cast<unsigned>(fields.number(1));
      fields.take(newer_ ? (ordered_ ? 2 : 0) : 3);
      const std::string_view message = fields.take(size);
      Hdf5Fields inside(message, where_);
      if (type == kContinuation) {
        const uint64_t address = inside.number(8), length = inside.number(8);
        chunks_.push_back({address, length});
      } else if (type == kAttributeInfo) {
        inside.take(1);
        inside.take(inside.number(1) & 1 ? 2 : 0);
        elsewhere_ = elsewhere_ || inside.number(8) != kNowhere;
      } else if (type == kAttribute) {
        if (flags & kShared)
          fail(std::string(where_), "attributes must lie in their object's header. Got a shared one.");
        if (auto found = named(inside, name)) return found;
      }
    }
    return std::nullopt;
  }

  std::optional<Hdf5RawAttribute> named(Hdf5Fields fields, std::string_view name) const {
    const uint64_t version = fields.number(1), flags = fields.number(1);
    if (version < 1 || version > 3) Hdf5Fields::damaged(where_);
    const uint64_t name_size = fields.number(2), type_size = fields.number(2), space_size = fields.number(2);
    if (version == 3) fields.take(1);  // the encoding of the name
    const auto part = [&](uint64_t size) { return version == 1 ? fields.take_padded(size) : fields.take(size); };
    std::string_view own = part(name_size);
    own = own.substr(0, std::min(own.find('\0'), own.size()));
    if (own != name) return std::nullopt;
    if (version > 1 && flags != 0) fail(std::string(where_), "an attribute must state its own type. Got a shared one.");
    Hdf5RawAttribute found;
    found.type = part(type_size);
    found.space = part(space_size);
    found.values = fields.take(fields.left());
    return found;
  }

  Hdf5Bytes& bytes_;
  std::string_view where_;
  std::vector<Chunk> chunks_;
  bool newer_ = false, ordered_ = false, elsewhere_ = false;
};

}  // namespace

std::optional<Hdf5RawAttribute> hdf5_raw_attribute(Hdf5Bytes& bytes, uint64_t address, std::string_view name,
                                                   std::string_view where) {
  return Header(bytes, where).find(address, name);
}

}  // namespace batchwise
