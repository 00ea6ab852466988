// Elements of a pipeline as JSON, and the expressions of tests/golden/tfdata.json.
#pragma once

#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include <batchwise/dataset.h>

namespace batchwise {

using nlohmann::json;

template <class T>
json values(const T*& at, const Shape& shape, int axis) {
  if (axis == shape.rank()) return *at++;
  json list = json::array();
  for (int64_t i = 0; i < shape[axis]; ++i) list.push_back(values(at, shape, axis + 1));
  return list;
}
inline json of(const Array& array) {
  const auto with = [&]<class T>(T) {
    const T* at = array.data<T>();
    return values(at, array.shape(), 0);
  };
  switch (array.dtype()) {
    case DType::Int64: return with(int64_t{});
    case DType::Int32: return with(int32_t{});
    case DType::UInt8: return with(uint8_t{});
    default: return with(float{});
  }
}
// Tuples and dictionaries are components side by side.
inline json flat(const json& value) {
  if (!value.is_object()) return json::array({value});
  json all = json::array();
  if (value.contains("tuple")) {
    for (const json& part : value["tuple"])
      for (const json& leaf : flat(part)) all.push_back(leaf);
  } else if (value.contains("dict")) {
    for (const auto& [key, part] : value["dict"].items())
      for (const json& leaf : flat(part)) all.push_back(leaf);
  } else if (value.contains("ragged")) {
    json inner = json::array(), lengths = json::array();
    for (const json& row : value["ragged"]) {
      lengths.push_back(row.size());
      for (const json& each : row) inner.push_back(each);
    }
    all = {inner, lengths};
  } else if (value.contains("sparse")) {
    all = {value["sparse"]["indices"], value["sparse"]["values"], value["sparse"]["shape"]};
  }
  return all;
}
inline json letters_as_numbers(json value) {
  if (value.is_string()) return static_cast<int>(value.get<std::string>()[0]);
  if (value.is_structured())
    for (json& part : value) part = letters_as_numbers(part);
  return value;
}
inline json elements_of(const Dataset& data, uint64_t pass, int64_t most) {
  json all = json::array();
  const auto stream = data.stage()->open(pass);
  Element element;
  while (most-- > 0 && stream->next(element)) {
    json one = json::array();
    for (const Array& array : element) one.push_back(of(array));
    all.push_back(one);
  }
  return all;
}

inline const json& golden() {
  static const json all = json::parse(std::ifstream(std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/tfdata.json"));
  return all;
}

}  // namespace batchwise
