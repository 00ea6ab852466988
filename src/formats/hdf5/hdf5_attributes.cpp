// Attributes of HDF5 files, read: texts, alone and in lists.
#include <algorithm>

#include <hdf5.h>

#include <batchwise/error.h>

#include "formats/hdf5/hdf5_reader.h"

namespace batchwise {
namespace {

constexpr int64_t kMaxTexts = 1'000'000;              // of one attribute
constexpr hsize_t kMaxTextBytes = hsize_t{64} << 20;  // of texts of fixed length together

// What HDF5 allocated for texts of any length; taken back also when something throws.
struct Texts {
  const Hdf5Handle &type, &space;
  std::vector<char*> all;
  ~Texts() { H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, all.data()); }
};

}  // namespace

std::optional<std::vector<std::string>> Hdf5Reader::attribute(const std::string& group, const std::string& name,
                                                              int64_t most) const {
  const std::string at = group + "@" + name;
  const Hdf5Handle owner = open(group, Kind::Group);
  if (!owner.valid() || H5Aexists(owner.get(), name.c_str()) <= 0) return std::nullopt;
  const Hdf5Handle attribute(H5Aopen(owner.get(), name.c_str(), H5P_DEFAULT), H5Aclose);
  const Hdf5Handle type(attribute.valid() ? H5Aget_type(attribute.get()) : -1, H5Tclose);
  const Hdf5Handle space(attribute.valid() ? H5Aget_space(attribute.get()) : -1, H5Sclose);
  const hssize_t count = space.valid() ? H5Sget_simple_extent_npoints(space.get()) : -1;
  if (!type.valid() || count < 0) refuse(at, "the attribute must be readable. Got a damaged file.");
  std::vector<std::string> texts;
  if (count == 0 && most > 1) return texts;
  if (most == 1 && count != 1) refuse(at, "the attribute must be one text. Got ", count, ".");
  if (count > most) refuse(at, "an attribute may hold at most ", most, " texts. Got ", count, ".");
  if (H5Tget_class(type.get()) != H5T_STRING) refuse(at, "the attribute must be text. Got another type.");
  if (H5Tis_variable_str(type.get()) > 0) {
    Texts read{type, space, std::vector<char*>(static_cast<size_t>(count), nullptr)};
    if (H5Aread(attribute.get(), type.get(), read.all.data()) < 0)
      refuse(at, "the attribute must be readable. Got a damaged file.");
    for (const char* text : read.all) texts.emplace_back(text ? text : "");
    return texts;
  }
  const size_t size = H5Tget_size(type.get());
  if (size == 0 || size > kMaxTextBytes / static_cast<hsize_t>(count))
    refuse(at, "an attribute may hold at most ", kMaxTextBytes, " bytes. Got ", count, " texts of ", size, ".");
  std::string all(size * static_cast<size_t>(count), '\0');
  if (H5Aread(attribute.get(), type.get(), all.data()) < 0)
    refuse(at, "the attribute must be readable. Got a damaged file.");
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    const std::string_view text = std::string_view(all).substr(i * size, size);
    texts.emplace_back(text.substr(0, std::min(text.find('\0'), text.size())));
  }
  return texts;
}

std::optional<std::string> Hdf5Reader::text(const std::string& group, const std::string& name) const {
  const auto texts = attribute(group, name, 1);
  if (!texts) return std::nullopt;
  return texts->front();
}

std::optional<std::vector<std::string>> Hdf5Reader::texts(const std::string& group, const std::string& name) const {
  if (auto whole = attribute(group, name, kMaxTexts)) return whole;
  std::optional<std::vector<std::string>> all;
  for (int i = 0;; ++i) {
    const auto part = attribute(group, name + std::to_string(i), kMaxTexts);
    if (!part) return all;
    if (!all) all.emplace();
    if (all->size() + part->size() > kMaxTexts)
      refuse(group + "@" + name, "an attribute may hold at most ", kMaxTexts, " texts. Got more.");
    all->insert(all->end(), part->begin(), part->end());
  }
}

}  // namespace batchwise
