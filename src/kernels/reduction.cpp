// Sums, means, products and extremes: a tensor as (outer, length, inner), of which length goes.
#include "kernels/reduction.h"

#include <algorithm>

#include <batchwise/error.h>

#include "kernels/simd/binary_table.h"

namespace batchwise {
namespace {

struct Extents {
  int64_t outer = 1, length = 1, inner = 1;  // of one sample
  Extents(const Shape& shape, int first, int last) {
    for (int axis = 0; axis < shape.rank(); ++axis)
      (axis < first ? outer : axis <= last ? length : inner) *= shape[axis];
  }
};

class ReductionKernel : public Kernel {
 public:
  ReductionKernel(const TensorType& type, int first, int last, int64_t grain)
      : extents_(type.shape, first, last), from_(type), to_(type), grain_(grain) {
    for (int axis = first; axis <= last; ++axis) to_.shape[axis] = 1;
  }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * from_.stored_count());
    return {.flops = count, .bytes = 4 * count};
  }
  void forward(const ForwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    float* y = static_cast<float*>(call.outputs[0]);
    for (int64_t o = 0; o < grain_ * extents_.outer; ++o)
      reduce(x + o * extents_.length * extents_.inner, y + o * extents_.inner);
  }
  void backward(const BackwardCall& call) const override {
    float* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    const int64_t block = extents_.length * extents_.inner, valid = call.rows * extents_.outer;
    const auto at = [](std::span<const void* const> list, int64_t place) {
      return list[0] ? static_cast<const float*>(list[0]) + place : nullptr;
    };
    for (int64_t o = 0; o < valid; ++o)
      spread(dy + o * extents_.inner, at(call.inputs, o * block), at(call.outputs, o * extents_.inner), dx + o * block);
    std::fill_n(dx + valid * block, (grain_ * extents_.outer - valid) * block, 0.0f);
  }

 protected:
  virtual void reduce(const float* x, float* y) const = 0;  // (length, inner) -> (inner)
  virtual void spread(const float* dy, const float* x, const float* y, float* dx) const = 0;

  Extents extents_;

 private:
  TensorType from_, to_;
  int64_t grain_;
};

class SumKernel final : public ReductionKernel {
 public:
  SumKernel(bool mean, const TensorType& type, int first, int last, int64_t grain)
      : ReductionKernel(type, first, last, grain), mean_(mean) {
    if (mean) scale_ = 1.0f / static_cast<float>(extents_.length);
  }
  std::string_view kind() const override { return mean_ ? "mean" : "sum"; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }

 private:
  void reduce(const float* x, float* y) const override {
    const auto [outer, length, inner] = extents_;
    if (inner == 1) {
      *y = sum_elements(x, length);
    } else {
      std::fill_n(y, inner, 0.0f);
      for (int64_t k = 0; k < length; ++k) add_.forward({y}, {x + k * inner}, y, inner);
    }
    if (mean_)
      for (int64_t i = 0; i < inner; ++i) y[i] /= static_cast<float>(length);
  }
  void spread(const float* dy, const float*, const float*, float* dx) const override {
    for (int64_t k = 0; k < extents_.length; ++k)
      for (int64_t i = 0; i < extents_.inner; ++i) dx[k * extents_.inner + i] = dy[i] * scale_;
  }

  const BinaryEntry& add_ = *find_binary_entry("add");
  bool mean_;
  float scale_ = 1;
};

class ExtremeKernel final : public ReductionKernel {
 public:
  ExtremeKernel(bool max, const TensorType& type, int first, int last, int64_t grain)
      : ReductionKernel(type, first, last, grain), max_(max) {}
  std::string_view kind() const override { return max_ ? "max" : "min"; }
  KernelNeeds needs() const override { return {.backward_inputs = true, .backward_outputs = true}; }

 private:
  void reduce(const float* x, float* y) const override {
    const auto [outer, length, inner] = extents_;
    std::copy_n(x, inner, y);
    if (inner == 1) {
      for (int64_t k = 1; k < length; ++k) *y = max_ ? std::max(*y, x[k]) : std::min(*y, x[k]);
    } else {
      for (int64_t k = 1; k < length; ++k) larger_.forward({y}, {x + k * inner}, y, inner);
    }
  }
  void spread(const float* dy, const float* x, const float* y, float* dx) const override {
    const auto [outer, length, inner] = extents_;
    for (int64_t i = 0; i < inner; ++i) {
      int64_t ties = 0;
      for (int64_t k = 0; k < length; ++k) ties += x[k * inner + i] == y[i];
      const float share = dy[i] / static_cast<float>(std::max<int64_t>(ties, 1));
      for (int64_t k = 0; k < length; ++k) dx[k * inner + i] = x[k * inner + i] == y[i] ? share : 0;
    }
  }

  bool max_;
  const BinaryEntry& larger_ = *find_binary_entry(max_ ? "maximum" : "minimum");
};

class ProductOfKernel final : public ReductionKernel {
 public:
  using ReductionKernel::ReductionKernel;
  std::string_view kind() const override { return "prod"; }

 private:
  void reduce(const float* x, float* y) const override {
    std::copy_n(x, extents_.inner, y);
    for (int64_t k = 1; k < extents_.length; ++k) multiply_.forward({y}, {x + k * extents_.inner}, y, extents_.inner);
  }
  // The product of the others from both sides, so that zeros are exact.
  void spread(const float* dy, const float* x, const float*, float* dx) const override {
    const auto [outer, length, inner] = extents_;
    for (int64_t i = 0; i < inner; ++i) {
      float before = dy[i];
      for (int64_t k = 0; k < length; before *= x[k++ * inner + i]) dx[k * inner + i] = before;
      float after = 1;
      for (int64_t k = length - 1; k >= 0; after *= x[k-- * inner + i]) dx[k * inner + i] *= after;
    }
  }

  const BinaryEntry& multiply_ = *find_binary_entry("multiply");
};

class ExtremePlaceKernel final : public Kernel {
 public:
  ExtremePlaceKernel(bool max, const TensorType& type, int axis, int64_t grain)
      : max_(max), extents_(type.shape, axis, axis), grain_(grain) {
    std::vector<int64_t> dims(type.shape.begin(), type.shape.end());
    dims.erase(dims.begin() + axis);
    to_ = {Shape(dims), DType::Int32, 0};
  }
  std::string_view kind() const override { return max_ ? "argmax" : "argmin"; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  void forward(const ForwardCall& call) const override {
    const auto [outer, length, inner] = extents_;
    int32_t* y = static_cast<int32_t*>(call.outputs[0]);
    for (int64_t o = 0; o < grain_ * outer; ++o) {
      const float* x = static_cast<const float*>(call.inputs[0]) + o * length * inner;
      for (int64_t i = 0; i < inner; ++i) {
        int64_t best = 0;
        for (int64_t k = 1; k < length; ++k) {
          const float value = x[k * inner + i], so_far = x[best * inner + i];
          if (max_ ? value > so_far : value < so_far) best = k;
        }
        y[o * inner + i] = static_cast<int32_t>(best);
      }
    }
  }
  void backward(const BackwardCall& call) const override {
    if (float* dx = static_cast<float*>(call.input_gradients[0]))
      std::fill_n(dx, grain_ * extents_.outer * extents_.length * extents_.inner, 0.0f);
  }

 private:
  bool max_;
  Extents extents_;
  int64_t grain_;
  TensorType to_;
};

}  // namespace

std::unique_ptr<Kernel> make_reduction_kernel(std::string_view name, const TensorType& type, int first, int last,
                                              int64_t grain) {
  for (int axis = first; axis <= last; ++axis)
    require(type.shape[axis] > 0, name, "the axes must not be empty. Got ", type.shape, ".");
  if (name == "sum" || name == "mean") return std::make_unique<SumKernel>(name == "mean", type, first, last, grain);
  if (name == "max" || name == "min") return std::make_unique<ExtremeKernel>(name == "max", type, first, last, grain);
  require(name == "prod", name, "the reduction must be sum, mean, prod, max or min. Got \"", name, "\".");
  return std::make_unique<ProductOfKernel>(type, first, last, grain);
}

std::unique_ptr<Kernel> make_extreme_place_kernel(std::string_view name, const TensorType& type, int axis,
                                                  int64_t grain) {
  return std::make_unique<ExtremePlaceKernel>(name == "argmax", type, axis, grain);
}

}  // namespace batchwise
