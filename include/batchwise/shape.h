// The dimensions of a tensor: at most eight, kept in place.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <span>
#include <string>
#include <vector>

namespace batchwise {

// Shapes of layers and kernels are those of one sample, without the batch dimension, channels last: (H, W, C).
// Shapes of Arrays are whole: (N, H, W, C). In the graph of a model a dimension may be -1: known with the data.
class Shape {
 public:
  static constexpr int kMaxRank = 8;

  Shape() = default;
  Shape(std::initializer_list<int64_t> dims);
  explicit Shape(std::span<const int64_t> dims);

  int rank() const { return rank_; }
  int64_t operator[](int axis) const { return dims_[axis < 0 ? rank_ + axis : axis]; }
  int64_t& operator[](int axis) { return dims_[axis < 0 ? rank_ + axis : axis]; }
  int64_t back() const { return dims_[rank_ - 1]; }
  const int64_t* begin() const { return dims_.data(); }
  const int64_t* end() const { return dims_.data() + rank_; }

  bool known() const;                 // no dimension is -1
  int64_t count() const;              // product of the dimensions; 1 for rank 0. Throws when one is -1 or it overflows
  Shape with_batch(int64_t n) const;  // (n, dims...)
  Shape without_batch() const;        // drops the first dimension. REQUIRES: rank() >= 1
  std::string text() const;           // "(28, 28, 1)", "(None, 3)"

  friend bool operator==(const Shape& a, const Shape& b);

 private:
  std::array<int64_t, kMaxRank> dims_{};
  int rank_ = 0;
};

std::ostream& operator<<(std::ostream& out, const Shape& shape);

}  // namespace batchwise
