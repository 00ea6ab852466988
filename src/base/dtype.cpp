// Element types: sizes and names.
#include <batchwise/dtype.h>

#include <array>
#include <utility>

#include <batchwise/error.h>

namespace batchwise {
namespace {
struct Entry {
  DType dtype;
  std::string_view name;
  int64_t bytes;
};
constexpr std::array<Entry, 14> kTypes{{{DType::Float32, "float32", 4},
                                        {DType::Float64, "float64", 8},
                                        {DType::Float16, "float16", 2},
                                        {DType::BFloat16, "bfloat16", 2},
                                        {DType::Int8, "int8", 1},
                                        {DType::UInt8, "uint8", 1},
                                        {DType::Int16, "int16", 2},
                                        {DType::UInt16, "uint16", 2},
                                        {DType::Int32, "int32", 4},
                                        {DType::UInt32, "uint32", 4},
                                        {DType::Int64, "int64", 8},
                                        {DType::UInt64, "uint64", 8},
                                        {DType::Bool, "bool", 1},
                                        {DType::String, "string", sizeof(std::string_view)}}};
}  // namespace

int64_t size_of(DType dtype) { return kTypes[static_cast<size_t>(dtype)].bytes; }
bool is_floating(DType dtype) {
  return dtype == DType::Float32 || dtype == DType::Float64 || dtype == DType::Float16 || dtype == DType::BFloat16;
}
std::string_view name_of(DType dtype) { return kTypes[static_cast<size_t>(dtype)].name; }

DType dtype_named(std::string_view name) {
  std::string known;
  for (const Entry& entry : kTypes) {
    if (entry.name == name) return entry.dtype;
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  fail("dtype", "the element type must be one of ", known, ". Got \"", name, "\".");
}

std::ostream& operator<<(std::ostream& out, DType dtype) { return out << name_of(dtype); }

}  // namespace batchwise
