// Attributes of HDF5 files, read: texts, alone and in lists. libhdf5 finds the object; its bytes are read here, since
// what libhdf5 makes of damaged texts of any length is neither bounded nor safe.
#include <algorithm>

#include <hdf5.h>

#include <batchwise/error.h>

#include "formats/hdf5/hdf5_fields.h"
#include "formats/hdf5/hdf5_object_header.h"
#include "formats/hdf5/hdf5_reader.h"

namespace batchwise {
namespace {

constexpr uint64_t kMaxTexts = 1'000'000;  // of one attribute
constexpr unsigned kString = 3, kVariable = 9;

uint64_t header_address(Hdf5Handle::Id object, std::string_view where) {
#if H5_VERSION_GE(1, 12, 0)
  H5O_info1_t info;
  const bool ok = H5Oget_info1(object, &info) >= 0;
#else
  H5O_info_t info;
  const bool ok = H5Oget_info2(object, &info, H5O_INFO_BASIC) >= 0;
#endif
  if (!ok) Hdf5Fields::damaged(where);
  return info.addr;
}

// Addresses and lengths of eight bytes that count from the file's first: every version of HDF5 writes them so.
bool usual_addresses(Hdf5Handle::Id file) {
  const Hdf5Handle properties(H5Fget_create_plist(file), H5Pclose);
  hsize_t before = 0;
  size_t address = 0, length = 0;
  return properties.valid() && H5Pget_userblock(properties.get(), &before) >= 0 && before == 0 &&
         H5Pget_sizes(properties.get(), &address, &length) >= 0 && address == 8 && length == 8;
}

// How many values a description of a shape says.
uint64_t count_of(const std::string& space, uint64_t most, std::string_view where) {
  Hdf5Fields fields(space, where);
  const uint64_t version = fields.number(1), rank = fields.number(1);
  fields.take(1);
  if (version != 1 && version != 2) Hdf5Fields::damaged(where);
  if (const uint64_t kind = fields.number(1); version == 2 && kind == 2) return 0;
  if (version == 1) fields.take(4);
  uint64_t count = 1;
  for (uint64_t d = 0; d < rank; ++d) {
    const uint64_t dim = fields.number(8);
    if (dim > most || count * dim > most)
      fail(std::string(where), "an attribute may hold at most ", most, " texts. Got more.");
    count *= dim;
  }
  return count;
}

}  // namespace

std::optional<std::vector<std::string>> Hdf5Reader::attribute(const std::string& group, const std::string& name,
                                                              Texts wanted) const {
  const Hdf5Handle owner = open(group, Kind::Group);
  if (!owner.valid()) return std::nullopt;
  const std::string at = where_ + ":" + group + "@" + name;
  if (!usual_addresses(file_.get())) fail(at, "the file must be of HDF5's usual form. Got one with other addresses.");
  const auto raw = hdf5_raw_attribute(*bytes_, header_address(owner.get(), at), name, at);
  if (!raw) return std::nullopt;
  const uint64_t count = count_of(raw->space, kMaxTexts, at);
  std::vector<std::string> texts;
  if (wanted == Texts::One && count != 1) fail(at, "the attribute must be one text. Got ", count, ".");
  if (count == 0) return texts;

  Hdf5Fields type(raw->type, at);
  const unsigned kind = static_cast<unsigned>(type.number(1)) & 0x0F, bits = static_cast<unsigned>(type.number(3));
  const uint64_t size = type.number(4);
  if (kind != kString && (kind != kVariable || (bits & 0x0F) != 1))
    fail(at, "the attribute must be text. Got another type.");
  if (size == 0 || (kind == kVariable && size != 16)) Hdf5Fields::damaged(at);
  Hdf5Fields values(raw->values, at);
  for (uint64_t i = 0; i < count; ++i) {
    std::string text;
    if (kind == kString) {
      text = values.take(size);
    } else {
      const uint64_t length = values.number(4), address = values.number(8), index = values.number(4);
      if (length > 0) text = heap_.text(*bytes_, address, index, length, at);
    }
    text.resize(std::min(text.find('\0'), text.size()));
    texts.push_back(std::move(text));
  }
  return texts;
}

std::optional<std::string> Hdf5Reader::text(const std::string& group, const std::string& name) const {
  const auto texts = attribute(group, name, Texts::One);
  if (!texts) return std::nullopt;
  return texts->front();
}

std::optional<std::vector<std::string>> Hdf5Reader::texts(const std::string& group, const std::string& name) const {
  if (auto whole = attribute(group, name, Texts::List)) return whole;
  std::optional<std::vector<std::string>> all;
  for (int i = 0;; ++i) {
    const auto part = attribute(group, name + std::to_string(i), Texts::List);
    if (!part) return all;
    if (!all) all.emplace();
    if (all->size() + part->size() > kMaxTexts)
      refuse(group + "@" + name, "an attribute may hold at most ", kMaxTexts, " texts. Got more.");
    all->insert(all->end(), part->begin(), part->end());
  }
}

}  // namespace batchwise
