// Sorting: places are sorted by the elements they stand for; the gradient goes back to the places.
#include "kernels/sorting.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace batchwise {
namespace {

class SortKernel final : public Kernel {
 public:
  explicit SortKernel(const SortOptions& options)
      : options_(options), values_(options.type), places_(options.type), outer_(options.grain) {
    const Shape& shape = options.type.shape;
    length_ = shape[options.axis];
    for (int axis = 0; axis < options.axis; ++axis) outer_ *= shape[axis];
    for (int axis = options.axis + 1; axis < shape.rank(); ++axis) inner_ *= shape[axis];
    values_.shape[options.axis] = places_.shape[options.axis] = options.count;
    places_.dtype = DType::Int32;
  }
  std::string_view kind() const override { return "sort"; }
  std::vector<TensorType> outputs() const override { return {values_, places_}; }
  KernelMemory memory() const override { return {.forward_scratch = length_ * 4}; }
  KernelNeeds needs() const override { return {.backward_inputs = false, .backward_outputs = true}; }
  KernelCost cost() const override {
    const double elements = static_cast<double>(outer_ * length_ * inner_);
    return {.flops = elements * std::log2(static_cast<double>(length_) + 1), .bytes = 12 * elements};
  }

  void forward(const ForwardCall& call) const override {
    auto* order = static_cast<int32_t*>(call.scratch);
    for (int64_t o = 0; o < outer_; ++o)
      for (int64_t i = 0; i < inner_; ++i) {
        const float* x = static_cast<const float*>(call.inputs[0]) + o * length_ * inner_ + i;
        const int64_t to = o * options_.count * inner_ + i;
        std::iota(order, order + length_, 0);
        sort(x, order);
        for (int64_t k = 0; k < options_.count; ++k) {
          static_cast<float*>(call.outputs[0])[to + k * inner_] = x[order[k] * inner_];
          static_cast<int32_t*>(call.outputs[1])[to + k * inner_] = order[k];
        }
      }
  }
  void backward(const BackwardCall& call) const override {
    auto* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    std::fill_n(dx, outer_ * length_ * inner_, 0.0f);
    const auto* dy = static_cast<const float*>(call.output_gradients[0]);
    if (!dy) return;
    const auto* places = static_cast<const int32_t*>(call.outputs[1]);
    const int64_t valid = outer_ / options_.grain * call.rows;
    for (int64_t o = 0; o < valid; ++o)
      for (int64_t k = 0; k < options_.count; ++k)
        for (int64_t i = 0; i < inner_; ++i) {
          const int64_t at = (o * options_.count + k) * inner_ + i;
          dx[(o * length_ + places[at]) * inner_ + i] = dy[at];
        }
  }

 private:
  void sort(const float* x, int32_t* order) const {
    const auto before = [&](int32_t a, int32_t b) {
      const float u = x[a * inner_], v = x[b * inner_];
      if (std::isnan(u) || std::isnan(v)) return std::isnan(u) == std::isnan(v) ? a < b : std::isnan(v);
      if (u == v) return a < b;
      return options_.descending ? u > v : u < v;
    };
    if (options_.count < length_) std::partial_sort(order, order + options_.count, order + length_, before);
    else std::sort(order, order + length_, before);
  }

  SortOptions options_;
  TensorType values_, places_;
  int64_t outer_, length_ = 1, inner_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> make_sort_kernel(const SortOptions& options) { return std::make_unique<SortKernel>(options); }

}  // namespace batchwise
