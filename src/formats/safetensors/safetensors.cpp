// safetensors files: the header is checked whole before an array is read.
#include "formats/safetensors/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include <batchwise/error.h>

#include "base/atomic_file.h"
#include "base/element_cast.h"
#include "formats/json/json.h"

namespace batchwise {
namespace {

constexpr int64_t kMaxHeader = 100'000'000;
constexpr const char* kMetadata = "__metadata__";

int64_t bits_of(const std::string& dtype, const std::string& where) {
  static const std::map<std::string, int64_t> bits{
      {"BOOL", 8},  {"U8", 8},   {"I8", 8},   {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"I16", 16}, {"U16", 16}, {"F16", 16},
      {"BF16", 16}, {"I32", 32}, {"U32", 32}, {"F32", 32},    {"F64", 64},    {"I64", 64}, {"U64", 64}, {"C64", 64}};
  const auto it = bits.find(dtype);
  require(it != bits.end(), where, "the dtype must be one of safetensors. Got \"", dtype, "\".");
  return it->second;
}

int64_t header_bytes(const InputFile& file) {
  require(file.size() >= 8, file.path(), "a safetensors file must begin with the length of its header. Got ",
          file.size(), " bytes.");
  unsigned char raw[8];
  file.read_at(0, raw, 8);
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8 | raw[i];
  require(length >= 2 && length <= static_cast<uint64_t>(std::min(kMaxHeader, file.size() - 8)), file.path(),
          "the header must lie in the file and have at most ", kMaxHeader, " bytes. Got ", length, ".");
  return static_cast<int64_t>(length);
}

SafetensorsArray array_of(const Config& entry, int64_t data, const std::string& where) {
  SafetensorsArray array;
  array.dtype = entry.at("dtype").as_string(where);
  std::vector<int64_t> dims;
  int64_t bits = bits_of(array.dtype, where);
  require(entry.at("shape").as_list(where).size() <= static_cast<size_t>(Shape::kMaxRank), where,
          "an array may have at most ", Shape::kMaxRank, " dimensions. Got ", entry.at("shape").as_list().size(), ".");
  for (const Config& dim : entry.at("shape").as_list(where)) {
    dims.push_back(dim.as_int(where));
    require(dims.back() >= 0 && (dims.back() == 0 || bits <= std::numeric_limits<int64_t>::max() / dims.back()), where,
            "dimensions must be sizes that fit 63 bits. Got ", entry.at("shape").text().substr(0, 100), ".");
    bits *= dims.back();
  }
  array.shape = Shape(std::span<const int64_t>(dims));
  const Config::List& offsets = entry.at("data_offsets").as_list(where);
  require(offsets.size() == 2, where, "data_offsets must be a begin and an end. Got ",
          entry.at("data_offsets").text().substr(0, 100), ".");
  const int64_t begin = offsets[0].as_int(where), end = offsets[1].as_int(where);
  require(begin >= 0 && end >= begin && end - begin == bits / 8, where, "the array must have the ", bits / 8,
          " bytes of its shape. Got ", entry.at("data_offsets").text().substr(0, 100), ".");
  array.offset = data + begin;
  array.bytes = end - begin;
  return array;
}

DType float_type(const std::string& dtype, const std::string& where) {
  if (dtype == "F32") return DType::Float32;
  if (dtype == "F64") return DType::Float64;
  if (dtype == "F16") return DType::Float16;
  if (dtype == "BF16") return DType::BFloat16;
  fail(where, "the elements must be floats. Got ", dtype, ".");
}

}  // namespace

SafetensorsReader::SafetensorsReader(const std::string& path) : file_(path) {
  const int64_t header = header_bytes(file_);
  std::string text(static_cast<size_t>(header), '\0');
  file_.read_at(8, text.data(), header);
  require(text.front() == '{', path, "the header must be a JSON object. Got another beginning.");
  const Config config = parse_json(text, path, {.bytes = kMaxHeader});
  for (const auto& [name, entry] : config.as_object(path)) {
    const std::string where = path + ": \"" + name + "\"";
    if (name == kMetadata) {
      for (const auto& [key, value] : entry.as_object(where)) metadata_[key] = value.as_string(where);
      continue;
    }
    arrays_.emplace(name, array_of(entry, 8 + header, where));
  }
  std::vector<std::pair<int64_t, int64_t>> pieces;
  for (const auto& [name, array] : arrays_) pieces.emplace_back(array.offset, array.offset + array.bytes);
  std::sort(pieces.begin(), pieces.end());
  int64_t at = 8 + header;
  for (const auto& [begin, end] : pieces) {
    require(begin == at, path, "arrays must lie one after another without a gap. Got one at byte ", begin, " after ",
            at, ".");
    at = end;
  }
  require(at == file_.size(), path, "the arrays must fill the file. Got ", file_.size() - at, " bytes more.");
}

std::vector<float> SafetensorsReader::floats(const std::string& name, const Shape& expected) const {
  const std::string where = file_.path() + ": \"" + name + "\"";
  const auto it = arrays_.find(name);
  require(it != arrays_.end(), where, "the array must be in the file. Got a file without it.");
  const SafetensorsArray& array = it->second;
  require(array.shape == expected, where, "the array must have the shape ", expected, ". Got ", array.shape, ".");
  std::vector<float> out(static_cast<size_t>(expected.count()));
  const DType stored = float_type(array.dtype, where);
  if (stored == DType::Float32) {
    file_.read_at(array.offset, out.data(), array.bytes);
    return out;
  }
  std::vector<std::byte> bytes(static_cast<size_t>(array.bytes));
  file_.read_at(array.offset, bytes.data(), array.bytes);
  cast_elements(stored, bytes.data(), DType::Float32, reinterpret_cast<std::byte*>(out.data()), expected.count());
  return out;
}

void write_safetensors(const std::string& path, const std::vector<SafetensorsFloats>& arrays,
                       const std::map<std::string, std::string>& metadata) {
  Config header = Config(Config::Object{});
  if (!metadata.empty()) {
    Config texts = Config(Config::Object{});
    for (const auto& [key, value] : metadata) texts.set(key, value);
    header.set(kMetadata, texts);
  }
  int64_t at = 0;
  for (const SafetensorsFloats& array : arrays) {
    require(array.name != kMetadata && !header.find(array.name), path, "names of arrays must be unique. Got \"",
            array.name, "\" twice.");
    require(static_cast<int64_t>(array.values.size()) == array.shape.count(), path, "the array \"", array.name,
            "\" must have the values of its shape. Got ", array.values.size(), ".");
    const int64_t end = at + static_cast<int64_t>(array.values.size() * sizeof(float));
    header.set(array.name,
               Config::object({{"dtype", "F32"},
                               {"shape", Config(std::vector<int64_t>(array.shape.begin(), array.shape.end()))},
                               {"data_offsets", Config(std::vector<int64_t>{at, end})}}));
    at = end;
  }
  std::string text = header.text();
  text.append((8 - text.size() % 8) % 8, ' ');
  AtomicFile file(path);
  char length[8];
  for (int i = 0; i < 8; ++i) length[i] = static_cast<char>(text.size() >> (8 * i) & 255);
  file.write(length, 8);
  file.write(text);
  for (const SafetensorsFloats& array : arrays)
    file.write(array.values.data(), static_cast<int64_t>(array.values.size() * sizeof(float)));
  file.commit();
}

}  // namespace batchwise
