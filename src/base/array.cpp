// Arrays: allocation, views and value conversion.
#include <batchwise/array.h>

#include <cstring>
#include <new>

#include "base/element_cast.h"

namespace batchwise {
namespace {

constexpr std::align_val_t kAlignment{64};  // kernels read such rows where they lie

}  // namespace

Array::Array(DType dtype, const Shape& shape) : dtype_(dtype), shape_(shape) {
  int64_t bytes = 0;
  require(!__builtin_mul_overflow(shape.count(), size_of(dtype), &bytes), "Array",
          "the number of bytes must fit 63 bits. Got ", shape, " of ", dtype, ".");
  const size_t size = static_cast<size_t>(std::max<int64_t>(1, bytes));
  bytes_ = std::shared_ptr<std::byte>(new (kAlignment) std::byte[size](),
                                      [](std::byte* bytes) { ::operator delete[](bytes, kAlignment); });
}

Array Array::text(std::span<const std::string_view> values, const Shape& shape) {
  require(static_cast<int64_t>(values.size()) == shape.count(), "Array", "the shape ", shape, " needs ", shape.count(),
          " texts. Got ", values.size(), ".");
  size_t size = 0;
  for (const std::string_view value : values) size += value.size();
  auto characters = std::make_shared<std::string>();
  characters->reserve(size);
  Array array(DType::String, shape);
  std::string_view* out = array.data<std::string_view>();
  for (const std::string_view value : values) {
    *out++ = {characters->data() + characters->size(), value.size()};
    characters->append(value);
  }
  array.keep(std::move(characters));
  return array;
}

Array Array::text(const std::vector<std::string>& values, const Shape& shape) {
  return text(std::vector<std::string_view>(values.begin(), values.end()), shape);
}

void Array::keep_also(const Array& other) {
  if (!other.owner_ || other.owner_ == owner_) return;
  if (!owner_) owner_ = other.owner_;
  else
    owner_ =
        std::make_shared<std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>>(owner_, other.owner_);
}

void Array::check(DType wanted) const {
  require(wanted == dtype_, "Array", "the elements are read as ", wanted, " but are ", dtype_,
          ". Use cast() to convert.");
}

Array Array::clone() const {
  if (empty()) return {};
  if (dtype_ == DType::String) return text(values<std::string_view>(), shape_);
  Array copy(dtype_, shape_);
  std::memcpy(copy.raw(), raw(), static_cast<size_t>(bytes()));
  return copy;
}

Array Array::cast(DType dtype) const {
  if (empty()) return {};
  if (dtype == dtype_) return clone();
  Array out(dtype, shape_);
  cast_elements(dtype_, raw(), dtype, out.raw(), count());
  return out;
}

Array Array::reshaped(const Shape& shape) const {
  require(!empty() && shape.count() == count(), "Array", "reshaping must keep the number of elements. Got ", shape_,
          " to ", shape, ".");
  return Array(dtype_, shape, bytes_, owner_);
}

Array Array::slice(int64_t first, int64_t rows) const {
  require(shape_.rank() > 0 && !empty() && first >= 0 && rows >= 0 && first <= shape_[0] && rows <= shape_[0] - first,
          "Array", rows, " rows from ", first, " on must lie inside the array. Got an array of shape ", shape_, ".");
  Shape part = shape_;
  part[0] = rows;
  const int64_t row_bytes = shape_[0] == 0 ? 0 : bytes() / shape_[0];
  return Array(dtype_, part, std::shared_ptr<std::byte>(bytes_, bytes_.get() + first * row_bytes), owner_);
}

}  // namespace batchwise
