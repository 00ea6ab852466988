// Sequences of different lengths as rows of one array.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <batchwise/error.h>
#include <batchwise/text.h>

namespace batchwise {
namespace {

constexpr char kWhere[] = "pad_sequences";

bool from_behind(const std::string& word, const char* what) {
  require(word == "pre" || word == "post", kWhere, what, " must be \"pre\" or \"post\". Got \"", word, "\".");
  return word == "pre";
}

template <class T, class From>
T held(From value, DType dtype) {
  if constexpr (std::is_integral_v<T> && std::is_integral_v<From>)
    require(std::in_range<T>(value), kWhere, "values must fit the dtype ", dtype, ". Got ", value, ".");
  else if constexpr (std::is_integral_v<T>) {
    const double end = std::ldexp(1.0, std::numeric_limits<T>::digits);
    require(value < end && value > (std::is_signed_v<T> ? -end - 1 : -1.0), kWhere, "values must fit the dtype ", dtype,
            ". Got ", value, ".");
  }
  return static_cast<T>(value);
}

template <class T, class From>
Array filled(const std::vector<std::vector<From>>& sequences, const PadOptions& options, int64_t length) {
  const bool pad_before = from_behind(options.padding, "padding"),
             cut_before = from_behind(options.truncating, "truncating");
  Array rows(options.dtype, {static_cast<int64_t>(sequences.size()), length});
  T* out = rows.data<T>();
  std::fill_n(out, rows.count(), held<T>(options.value, options.dtype));
  for (const auto& sequence : sequences) {
    const int64_t kept = std::min<int64_t>(length, static_cast<int64_t>(sequence.size()));
    const From* from = sequence.data() + (cut_before ? static_cast<int64_t>(sequence.size()) - kept : 0);
    T* to = out + (pad_before ? length - kept : 0);
    for (int64_t i = 0; i < kept; ++i) to[i] = held<T>(from[i], options.dtype);
    out += length;
  }
  return rows;
}

template <class From>
Array padded(const std::vector<std::vector<From>>& sequences, const PadOptions& options) {
  require(!sequences.empty(), kWhere, "there must be at least one sequence. Got none.");
  int64_t length = 0;
  for (const auto& sequence : sequences) length = std::max(length, static_cast<int64_t>(sequence.size()));
  length = options.maxlen.value_or(length);
  require(length >= 1 || !options.maxlen, kWhere, "maxlen must be at least 1. Got ", length, ".");
  switch (options.dtype) {
    case DType::Float32: return filled<float>(sequences, options, length);
    case DType::Float64: return filled<double>(sequences, options, length);
    case DType::Int8: return filled<int8_t>(sequences, options, length);
    case DType::UInt8: return filled<uint8_t>(sequences, options, length);
    case DType::Int16: return filled<int16_t>(sequences, options, length);
    case DType::UInt16: return filled<uint16_t>(sequences, options, length);
    case DType::Int32: return filled<int32_t>(sequences, options, length);
    case DType::UInt32: return filled<uint32_t>(sequences, options, length);
    case DType::Int64: return filled<int64_t>(sequences, options, length);
    case DType::UInt64: return filled<uint64_t>(sequences, options, length);
    default: fail(kWhere, "dtype must be an integer type, float32 or float64. Got ", options.dtype, ".");
  }
}

}  // namespace

Array pad_sequences(const std::vector<std::vector<int64_t>>& sequences, const PadOptions& options) {
  return padded(sequences, options);
}
Array pad_sequences(const std::vector<std::vector<double>>& sequences, const PadOptions& options) {
  return padded(sequences, options);
}

}  // namespace batchwise
