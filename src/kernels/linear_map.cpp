// A fixed linear map: sums forward, and the same factors on the way back.
#include "kernels/linear_map.h"

#include <algorithm>

namespace batchwise {
namespace {

class LinearMapKernel final : public Kernel {
 public:
  LinearMapKernel(std::string kind, const TensorType& input, LinearMap map, int64_t grain)
      : kind_(std::move(kind)), inputs_(input.shape.count()), map_(std::move(map)), grain_(grain) {}
  std::string_view kind() const override { return kind_; }
  std::vector<TensorType> outputs() const override { return {{map_.output, DType::Float32, 0}}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelCost cost() const override {
    const double terms = static_cast<double>(grain_) * static_cast<double>(map_.terms.sources.size());
    return {.flops = 2 * terms, .bytes = 4 * terms};
  }
  void forward(const ForwardCall& call) const override {
    const auto* x = static_cast<const float*>(call.inputs[0]);
    auto* y = static_cast<float*>(call.outputs[0]);
    for (int64_t n = 0; n < grain_; ++n, x += inputs_)
      each([&](size_t from, size_t to) {
        float sum = 0;
        for (size_t t = from; t < to; ++t) sum += map_.terms.factors[t] * x[map_.terms.sources[t]];
        *y++ = sum;
      });
  }
  void backward(const BackwardCall& call) const override {
    auto* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    std::fill_n(dx, grain_ * inputs_, 0.0f);
    const auto* dy = static_cast<const float*>(call.output_gradients[0]);
    for (int64_t n = 0; n < call.rows; ++n, dx += inputs_)
      each([&](size_t from, size_t to) {
        const float gradient = *dy++;
        for (size_t t = from; t < to; ++t) dx[map_.terms.sources[t]] += map_.terms.factors[t] * gradient;
      });
  }

 private:
  template <class Body>
  void each(Body body) const {  // body(first term, the one behind the last) for each element of the result
    size_t from = 0;
    for (const int64_t end : map_.ends) {
      body(from, static_cast<size_t>(end));
      from = static_cast<size_t>(end);
    }
  }

  std::string kind_;
  int64_t inputs_;
  LinearMap map_;
  int64_t grain_;
};

}  // namespace

LinearMap linear_map(const Shape& output, const std::function<void(std::span<const int64_t>, Terms&)>& element) {
  LinearMap map;
  map.output = output;
  std::vector<int64_t> place(static_cast<size_t>(output.rank()), 0);
  for (int64_t i = 0; i < output.count(); ++i) {
    element(place, map.terms);
    map.ends.push_back(static_cast<int64_t>(map.terms.sources.size()));
    for (int axis = output.rank() - 1; axis >= 0; --axis) {
      if (++place[static_cast<size_t>(axis)] < output[axis]) break;
      place[static_cast<size_t>(axis)] = 0;
    }
  }
  return map;
}

std::unique_ptr<Kernel> make_linear_map_kernel(std::string kind, const TensorType& input, LinearMap map,
                                               int64_t grain) {
  return std::make_unique<LinearMapKernel>(std::move(kind), input, std::move(map), grain);
}

}  // namespace batchwise
