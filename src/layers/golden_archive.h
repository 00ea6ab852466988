// Test support: reads the arrays of an .npz whose members are stored, not compressed.
#pragma once

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <batchwise/array.h>

namespace batchwise {

namespace golden {

template <class T>
T read_number(const std::string& bytes, size_t at) {
  T value;
  if (at + sizeof(T) > bytes.size()) throw std::runtime_error("the archive ends too early");
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

inline std::string quoted_after(const std::string& header, const std::string& key) {
  const size_t start = header.find('\'', header.find(key) + key.size() + 1) + 1;
  return header.substr(start, header.find('\'', start) - start);
}

inline Array read_npy(const std::string& bytes) {
  const size_t header_length = read_number<uint16_t>(bytes, 8);
  const std::string header = bytes.substr(10, header_length);
  if (header.find("'fortran_order': False") == std::string::npos)
    throw std::runtime_error("the array must be in C order: " + header);
  std::vector<int64_t> dims;
  const size_t open = header.find('(');
  std::string list = header.substr(open + 1, header.find(')') - open - 1);
  for (size_t at = 0; at < list.size();) {
    const size_t comma = std::min(list.find(',', at), list.size());
    if (list.find_first_of("0123456789", at) < comma) dims.push_back(std::stoll(list.substr(at, comma - at)));
    at = comma + 1;
  }
  const std::string type = quoted_after(header, "'descr'");
  const std::map<std::string, DType> types = {{"<f4", DType::Float32}, {"<f8", DType::Float64}, {"<i4", DType::Int32},
                                              {"<i8", DType::Int64},   {"|b1", DType::Bool},    {"|u1", DType::UInt8}};
  Array array(types.at(type), Shape(dims));
  if (bytes.size() != 10 + header_length + static_cast<size_t>(array.bytes()))
    throw std::runtime_error("the array has another length: " + header);
  std::memcpy(array.raw(), bytes.data() + 10 + header_length, static_cast<size_t>(array.bytes()));
  return array;
}

}  // namespace golden

// Name (without ".npy") -> array. Throws std::runtime_error on anything unexpected.
inline std::map<std::string, Array> read_golden_archive(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const size_t end = bytes.rfind("PK\5\6");
  if (end == std::string::npos) throw std::runtime_error("not a zip file: " + path);
  std::map<std::string, Array> arrays;
  size_t at = golden::read_number<uint32_t>(bytes, end + 16);
  for (int i = golden::read_number<uint16_t>(bytes, end + 10); i > 0; --i) {
    if (golden::read_number<uint16_t>(bytes, at + 10) != 0) throw std::runtime_error("a member is compressed: " + path);
    const size_t size = golden::read_number<uint32_t>(bytes, at + 20),
                 name_length = golden::read_number<uint16_t>(bytes, at + 28);
    const size_t local = golden::read_number<uint32_t>(bytes, at + 42);
    const std::string name = bytes.substr(at + 46, name_length);
    const size_t data = local + 30 + golden::read_number<uint16_t>(bytes, local + 26) +
                        golden::read_number<uint16_t>(bytes, local + 28);
    arrays.emplace(name.substr(0, name.rfind(".npy")), golden::read_npy(bytes.substr(data, size)));
    at += 46 + name_length + golden::read_number<uint16_t>(bytes, at + 30) +
          golden::read_number<uint16_t>(bytes, at + 32);
  }
  return arrays;
}

}  // namespace batchwise
