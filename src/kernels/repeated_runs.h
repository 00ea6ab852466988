// Walks several tensors of which dimensions are repeated: neighbouring dimensions that repeat alike are one, and the
// last of them is a run.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include <batchwise/shape.h>

namespace batchwise {

// Of N operands and their result. Shapes are those of one sample as they lie in memory; shorter ones reach from the
// right.
template <size_t N>
class RepeatedRuns {
 public:
  using Places = std::array<int64_t, N>;

  // constant: the operand is the same for every sample.
  RepeatedRuns(const std::array<Shape, N>& shapes, const std::array<bool, N>& constant, const Shape& whole) {
    for (int axis = -1; axis < whole.rank(); ++axis) {
      Dimension dimension{axis < 0 ? 1 : whole[axis], {}};
      for (size_t k = 0; k < N; ++k) {
        const int own = axis - whole.rank() + shapes[k].rank();
        if (axis < 0 ? constant[k] : own < 0 || shapes[k][own] == 1) continue;
        int64_t step = 1;
        for (int inner = axis < 0 ? 0 : own + 1; inner < shapes[k].rank(); ++inner) step *= shapes[k][inner];
        dimension.steps[k] = step;
      }
      append(dimension, axis < 0);
    }
  }

  int64_t step(size_t operand) const { return dimensions_.back().steps[operand]; }  // within a run: 0 or 1

  // body(place in the result, places in the operands, length of the run) for `samples`.
  template <class Body>
  void visit(int64_t samples, Body body) const {
    std::array<int64_t, Shape::kMaxRank + 2> at{};
    const size_t outer = dimensions_.size() - 1;
    const auto size = [&](size_t d) { return d == 0 ? samples * dimensions_[0].size : dimensions_[d].size; };
    int64_t runs = 1;
    for (size_t d = 0; d < outer; ++d) runs *= size(d);
    const int64_t length = size(outer);
    Places places{};
    for (int64_t run = 0; run < runs; ++run) {
      body(run * length, places, length);
      for (size_t d = outer; d-- > 0;) {
        ++at[d];
        const bool ends = at[d] == size(d);
        for (size_t k = 0; k < N; ++k)
          places[k] += ends ? dimensions_[d].steps[k] * (1 - at[d]) : dimensions_[d].steps[k];
        if (!ends) break;
        at[d] = 0;
      }
    }
  }

 private:
  struct Dimension {
    int64_t size;  // the first counts samples: its size is that of one
    Places steps;  // 0: repeated
  };

  void append(const Dimension& dimension, bool samples) {
    if (!samples && dimension.size == 1) return;
    if (!dimensions_.empty()) {
      Dimension& before = dimensions_.back();
      bool one = true;
      for (size_t k = 0; k < N; ++k) one = one && before.steps[k] == dimension.size * dimension.steps[k];
      if (one) {
        before.size *= dimension.size;
        before.steps = dimension.steps;
        return;
      }
    }
    dimensions_.push_back(dimension);
  }

  std::vector<Dimension> dimensions_;
};

}  // namespace batchwise
