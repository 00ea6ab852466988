// Element types of arrays and tensors.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace batchwise {

enum class DType : uint8_t {
  Float32,
  Float64,
  Float16,
  BFloat16,
  Int8,
  UInt8,
  Int16,
  UInt16,
  Int32,
  UInt32,
  Int64,
  UInt64,
  Bool,
  String  // std::string_view: text that somebody else owns, see Array::text and Source::fetch
};

int64_t size_of(DType dtype);              // bytes of one element
bool is_floating(DType dtype);             // float32, float64, float16, bfloat16
std::string_view name_of(DType dtype);     // Keras's word: "float32", "uint8", ...
DType dtype_named(std::string_view name);  // throws Error naming the known words

std::ostream& operator<<(std::ostream& out, DType dtype);

}  // namespace batchwise
