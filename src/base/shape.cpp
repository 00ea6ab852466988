// Shapes: the dimensions of a tensor.
#include <batchwise/shape.h>

#include <algorithm>

#include <batchwise/error.h>

namespace batchwise {

Shape::Shape(std::initializer_list<int64_t> dims) : Shape(std::span<const int64_t>(dims.begin(), dims.size())) {}

Shape::Shape(std::span<const int64_t> dims) {
  require(dims.size() <= kMaxRank, "Shape", "a tensor has at most ", kMaxRank, " dimensions. Got ", dims.size(), ".");
  rank_ = static_cast<int>(dims.size());
  std::copy(dims.begin(), dims.end(), dims_.begin());
}

bool Shape::known() const {
  return std::none_of(begin(), end(), [](int64_t dim) { return dim < 0; });
}

int64_t Shape::count() const {
  int64_t product = 1;
  for (int64_t dim : *this) {
    require(dim >= 0, "Shape", "all dimensions must be known and not negative here. Got ", *this, ".");
    require(!__builtin_mul_overflow(product, dim, &product), "Shape", "the number of elements must fit 63 bits. Got ",
            *this, ".");
  }
  return product;
}

Shape Shape::with_batch(int64_t n) const {
  require(rank_ < kMaxRank, "Shape", "a tensor has at most ", kMaxRank, " dimensions. Got ", *this, " and a batch.");
  Shape whole;
  whole.rank_ = rank_ + 1;
  whole.dims_[0] = n;
  std::copy(begin(), end(), whole.dims_.begin() + 1);
  return whole;
}

Shape Shape::without_batch() const { return Shape(std::span<const int64_t>(begin() + 1, end())); }

std::string Shape::text() const {
  std::string out = "(";
  for (int i = 0; i < rank_; ++i) out += (i ? ", " : "") + (dims_[i] < 0 ? "None" : std::to_string(dims_[i]));
  return out + (rank_ == 1 ? ",)" : ")");
}

bool operator==(const Shape& a, const Shape& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << shape.text(); }

}  // namespace batchwise
