// A dense array in memory, row-major: what users hand in and get back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <batchwise/dtype.h>
#include <batchwise/error.h>
#include <batchwise/shape.h>

namespace batchwise {

template <class T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<float>() {
  return DType::Float32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::Float64;
}
template <>
constexpr DType dtype_of<int8_t>() {
  return DType::Int8;
}
template <>
constexpr DType dtype_of<uint8_t>() {
  return DType::UInt8;
}
template <>
constexpr DType dtype_of<int16_t>() {
  return DType::Int16;
}
template <>
constexpr DType dtype_of<uint16_t>() {
  return DType::UInt16;
}
template <>
constexpr DType dtype_of<int32_t>() {
  return DType::Int32;
}
template <>
constexpr DType dtype_of<uint32_t>() {
  return DType::UInt32;
}
template <>
constexpr DType dtype_of<int64_t>() {
  return DType::Int64;
}
template <>
constexpr DType dtype_of<uint64_t>() {
  return DType::UInt64;
}
template <>
constexpr DType dtype_of<bool>() {
  return DType::Bool;
}
template <>
constexpr DType dtype_of<std::string_view>() {
  return DType::String;
}

// Copies share their bytes (a handle, like a NumPy view); `clone` makes separate ones.
class Array {
 public:
  Array() = default;
  Array(DType dtype, const Shape& shape);  // zeros

  // The bytes stay the caller's and must outlive every copy of the Array.
  template <class T>
  static Array view(const T* data, const Shape& shape) {
    return view(dtype_of<T>(), reinterpret_cast<const std::byte*>(data), shape);
  }
  static Array view(DType dtype, const std::byte* data, const Shape& shape) {
    return Array(dtype, shape, std::shared_ptr<std::byte>(const_cast<std::byte*>(data), [](std::byte*) {}));
  }
  template <class T>
  static Array from(const std::vector<T>& values, const Shape& shape) {
    Array array(dtype_of<T>(), shape);
    require(static_cast<int64_t>(values.size()) == shape.count(), "Array", "the shape ", shape, " needs ",
            shape.count(), " values. Got ", values.size(), ".");
    std::copy(values.begin(), values.end(), array.data<T>());
    return array;
  }

  // Text of dtype String: the elements are views of a copy that the array and its copies own together.
  static Array text(std::span<const std::string_view> values, const Shape& shape);
  static Array text(const std::vector<std::string>& values, const Shape& shape);
  static Array text(const std::vector<std::string>& values) {
    return text(values, {static_cast<int64_t>(values.size())});
  }
  // An array of dtype String whose elements point into what `owner` owns, which is kept while a copy of the array is.
  void keep(std::shared_ptr<const void> owner) { owner_ = std::move(owner); }
  // Keeps what another array's text belongs to as well: for elements copied from it.
  void keep_also(const Array& other);

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }  // whole: (N, ...)
  int64_t rows() const { return empty() ? 0 : shape_.rank() == 0 ? 1 : shape_[0]; }
  int64_t count() const { return empty() ? 0 : shape_.count(); }
  int64_t bytes() const { return count() * size_of(dtype_); }
  bool empty() const { return bytes_ == nullptr; }  // default-made: not even a scalar

  std::byte* raw() { return bytes_.get(); }
  const std::byte* raw() const { return bytes_.get(); }
  template <class T>
  T* data() {
    check(dtype_of<T>());
    return reinterpret_cast<T*>(bytes_.get());
  }
  template <class T>
  const T* data() const {
    check(dtype_of<T>());
    return reinterpret_cast<const T*>(bytes_.get());
  }
  template <class T>
  std::span<const T> values() const {
    return {data<T>(), static_cast<size_t>(count())};
  }

  Array clone() const;
  Array cast(DType dtype) const;                   // value-converting copy
  Array reshaped(const Shape& shape) const;        // shares the bytes. Throws unless the counts agree
  Array slice(int64_t first, int64_t rows) const;  // rows [first, first + rows), sharing the bytes

 private:
  Array(DType dtype, const Shape& shape, std::shared_ptr<std::byte> bytes, std::shared_ptr<const void> owner = nullptr)
      : dtype_(dtype), shape_(shape), bytes_(std::move(bytes)), owner_(std::move(owner)) {}
  void check(DType wanted) const;

  DType dtype_ = DType::Float32;
  Shape shape_;
  std::shared_ptr<std::byte> bytes_;
  std::shared_ptr<const void> owner_;  // of the text that elements of dtype String point to
};

}  // namespace batchwise
