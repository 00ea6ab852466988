// Layer normalisation: rows that do not lie contiguously are gathered first.
#include "kernels/layer_normalization.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/simd/row_normalization.h"

namespace batchwise {
namespace {

class LayerNormalizationKernel final : public Kernel {
 public:
  LayerNormalizationKernel(const LayerNormalizationSettings& settings, const TensorType& type, int64_t grain)
      : settings_(settings), type_(type), outer_(grain) {
    for (int axis = 0; axis < type.shape.rank(); ++axis)
      (axis < settings.first_axis ? outer_ : axis <= settings.last_axis ? length_ : inner_) *= type.shape[axis];
    if (settings.to_unit) gain_.assign(static_cast<size_t>(length_), 1 / std::sqrt(static_cast<float>(length_)));
  }
  std::string_view kind() const override { return "layer_normalization"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelMemory memory() const override {
    const int64_t row = inner_ > 1 ? length_ * static_cast<int64_t>(sizeof(float)) : 0;
    return {.saved = outer_ * inner_ * static_cast<int64_t>(sizeof(RowMoments)),
            .forward_scratch = row,
            .backward_scratch = 2 * row};
  }
  KernelNeeds needs() const override { return {.backward_inputs = true, .in_place = true}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(outer_ * length_ * inner_);
    return {.flops = 8 * count, .bytes = 16 * count};
  }
  bool backward_reads_weight(int index) const override { return settings_.scale && index == 0; }

  void forward(const ForwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    float* y = static_cast<float*>(call.outputs[0]);
    auto* moments = static_cast<RowMoments*>(call.saved);
    const float* gamma = gain(call.weights);
    const float* beta = settings_.center ? call.weights[settings_.scale] : nullptr;
    rows([&](int64_t row, int64_t start) {
      float* to = inner_ == 1 ? y + start : static_cast<float*>(call.scratch);
      const float* from = gathered(x + start, static_cast<float*>(call.scratch));
      const RowMoments found = row_normalization().measure(from, length_, settings_.epsilon, settings_.about_zero);
      if (moments) moments[row] = found;
      row_normalization().apply(from, to, length_, settings_.rms ? 0 : found.mean, found.inverse, gamma, beta);
      scatter(to, y + start);
    });
  }

  void backward(const BackwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    float* dx = static_cast<float*>(call.input_gradients[0]);
    const auto* moments = static_cast<const RowMoments*>(call.saved);
    const float* gamma = gain(call.weights);
    float* dgamma = settings_.scale ? call.weight_gradients[0] : nullptr;
    float* dbeta = settings_.center ? call.weight_gradients[settings_.scale] : nullptr;
    for (float* gradient : {dgamma, dbeta})
      if (gradient) std::fill_n(gradient, length_, 0.0f);
    rows([&](int64_t row, int64_t start) {
      float* first = static_cast<float*>(call.scratch);
      const float* from = gathered(x + start, first);
      const float* gradient = gathered(dy + start, inner_ == 1 ? nullptr : first + length_);
      float* to = !dx ? nullptr : inner_ == 1 ? dx + start : first + length_;
      row_normalization().backward(gradient, from, to, length_, moments[row], !settings_.rms && !settings_.about_zero,
                                   gamma, dgamma, dbeta);
      if (dx) scatter(to, dx + start);
    });
  }

 private:
  // body(number of the row, its first element)
  template <class Body>
  void rows(Body body) const {
    for (int64_t o = 0; o < outer_; ++o)
      for (int64_t i = 0; i < inner_; ++i) body(o * inner_ + i, o * length_ * inner_ + i);
  }
  const float* gain(std::span<const float* const> weights) const {
    if (settings_.to_unit) return gain_.data();
    return settings_.scale ? weights[0] : nullptr;
  }
  const float* gathered(const float* from, float* into) const {
    if (inner_ == 1) return from;
    for (int64_t k = 0; k < length_; ++k) into[k] = from[k * inner_];
    return into;
  }
  void scatter(const float* from, float* to) const {
    if (inner_ > 1)
      for (int64_t k = 0; k < length_; ++k) to[k * inner_] = from[k];
  }

  LayerNormalizationSettings settings_;
  TensorType type_;
  int64_t outer_, length_ = 1, inner_ = 1;
  std::vector<float> gain_;
};

}  // namespace

std::unique_ptr<Kernel> make_layer_normalization_kernel(const LayerNormalizationSettings& settings,
                                                        const TensorType& type, int64_t grain) {
  return std::make_unique<LayerNormalizationKernel>(settings, type, grain);
}

}  // namespace batchwise
