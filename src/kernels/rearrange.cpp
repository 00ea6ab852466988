// The elements of a tensor in another order: runs along the last axis, copied or added back.
#include "kernels/rearrange.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace batchwise {
namespace {

class RearrangeKernel final : public Kernel {
 public:
  RearrangeKernel(std::string_view kind, const TensorType& type, const Arrangement& arrangement, int64_t grain)
      : kind_(kind), from_(type), to_{arrangement.shape, type.dtype, 0}, grain_(grain), start_(arrangement.start) {
    for (int axis = 0; axis < to_.shape.rank(); ++axis) {
      const int64_t size = to_.shape[axis], step = arrangement.steps[static_cast<size_t>(axis)];
      if (size == 1) continue;
      if (!steps_.empty() && steps_.back() == size * step) {
        sizes_.back() *= size;
        steps_.back() = step;
      } else {
        sizes_.push_back(size);
        steps_.push_back(step);
      }
    }
    if (steps_.empty()) {
      sizes_.push_back(1);
      steps_.push_back(1);
    }
    runs_ = to_.shape.count() / std::max<int64_t>(1, sizes_.back());
  }
  std::string_view kind() const override { return kind_; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelCost cost() const override { return {.bytes = 2.0 * static_cast<double>(to_.bytes(grain_))}; }

  void forward(const ForwardCall& call) const override {
    switch (size_of(to_.dtype)) {
      case 1: return copy<uint8_t>(call);
      case 2: return copy<uint16_t>(call);
      case 4: return copy<uint32_t>(call);
      default: return copy<uint64_t>(call);
    }
  }
  void backward(const BackwardCall& call) const override {
    float* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    const int64_t from_count = from_.shape.count(), to_count = to_.shape.count();
    std::fill_n(dx, grain_ * from_count, 0.0f);
    const int64_t length = sizes_.back(), step = steps_.back();
    for (int64_t row = 0; row < call.rows; ++row) {
      const float* dy = static_cast<const float*>(call.output_gradients[0]) + row * to_count;
      float* target = dx + row * from_count;
      visit([&](int64_t to, int64_t from) {
        for (int64_t i = 0; i < length; ++i) target[from + i * step] += dy[to + i];
      });
    }
  }

 private:
  template <class T>
  void copy(const ForwardCall& call) const {
    const int64_t from_count = from_.shape.count(), to_count = to_.shape.count();
    const int64_t length = sizes_.back(), step = steps_.back();
    for (int64_t row = 0; row < grain_; ++row) {
      const T* x = static_cast<const T*>(call.inputs[0]) + row * from_count;
      T* y = static_cast<T*>(call.outputs[0]) + row * to_count;
      visit([&](int64_t to, int64_t from) {
        if (step == 1) std::memcpy(y + to, x + from, static_cast<size_t>(length) * sizeof(T));
        else
          for (int64_t i = 0; i < length; ++i) y[to + i] = x[from + i * step];
      });
    }
  }

  // body(place in the result, in the tensor) for each run of one sample.
  template <class Body>
  void visit(Body body) const {
    std::array<int64_t, Shape::kMaxRank> at{};
    int64_t from = start_;
    const int outer = static_cast<int>(sizes_.size()) - 1;
    for (int64_t run = 0; run < runs_; ++run) {
      body(run * sizes_[static_cast<size_t>(outer)], from);
      for (int d = outer - 1; d >= 0; --d) {
        const size_t k = static_cast<size_t>(d);
        from += steps_[k];
        if (++at[k] < sizes_[k]) break;
        from -= at[k] * steps_[k];
        at[k] = 0;
      }
    }
  }

  std::string kind_;
  TensorType from_, to_;
  int64_t grain_, start_, runs_ = 0;
  std::vector<int64_t> sizes_, steps_;  // neighbouring axes that lie as one are one
};

Shape with(const Shape& shape, int axis, int removed, std::initializer_list<int64_t> inserted) {
  std::vector<int64_t> dims(shape.begin(), shape.end());
  dims.erase(dims.begin() + axis, dims.begin() + axis + removed);
  dims.insert(dims.begin() + axis, inserted);
  return Shape(dims);
}

}  // namespace

Arrangement::Arrangement(const Shape& tensor) : shape(tensor), steps(static_cast<size_t>(tensor.rank())) {
  int64_t step = 1;
  for (int axis = tensor.rank() - 1; axis >= 0; --axis) {
    steps[static_cast<size_t>(axis)] = step;
    step *= tensor[axis];
  }
}

void Arrangement::permute(const std::vector<int>& axes) {
  const Arrangement before = *this;
  for (size_t k = 0; k < axes.size(); ++k) {
    shape[static_cast<int>(k)] = before.shape[axes[k]];
    steps[k] = before.steps[static_cast<size_t>(axes[k])];
  }
}

void Arrangement::slice(int axis, int64_t first, int64_t step, int64_t count) {
  int64_t& own = steps[static_cast<size_t>(axis)];
  start += first * own;
  own *= step;
  shape[axis] = count;
}

void Arrangement::drop(int axis) {
  shape = with(shape, axis, 1, {});
  steps.erase(steps.begin() + axis);
}

void Arrangement::insert(int axis) {
  shape = with(shape, axis, 0, {1});
  steps.insert(steps.begin() + axis, 0);
}

void Arrangement::repeat(int axis, int64_t times) {
  shape[axis] = times;
  steps[static_cast<size_t>(axis)] = 0;
}

bool Arrangement::contiguous() const {
  int64_t step = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    if (shape[axis] != 1 && steps[static_cast<size_t>(axis)] != step) return false;
    step *= shape[axis];
  }
  return start == 0;
}

std::unique_ptr<Kernel> make_rearrange_kernel(std::string_view kind, const TensorType& type,
                                              const Arrangement& arrangement, int64_t grain) {
  return std::make_unique<RearrangeKernel>(kind, type, arrangement, grain);
}

}  // namespace batchwise
