// Noise while training: factors and terms are drawn into scratch and applied in runs.
#include "kernels/noise.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "kernels/repeated_runs.h"
#include "kernels/simd/binary_table.h"
#include "kernels/simd/dropout.h"

namespace batchwise {
namespace {

class NoiseKernel final : public Kernel {
 public:
  NoiseKernel(Noise noise, double rate, const Shape& shape, uint64_t key, const TensorType& type, int64_t grain)
      : noise_(noise),
        rate_(rate),
        key_(key),
        type_(type),
        drawn_(shape.count()),
        runs_({type.shape, shape}, {false, false}, type.shape),
        grain_(grain) {}
  std::string_view kind() const override {
    switch (noise_) {
      case Noise::Dropout: return "dropout";
      case Noise::AlphaDropout: return "alpha_dropout";
      case Noise::GaussianDropout: return "gaussian_dropout";
      default: return "gaussian_noise";
    }
  }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelMemory memory() const override {
    const int64_t bytes = drawn_ * static_cast<int64_t>(sizeof(float));
    return {.forward_scratch = 2 * bytes, .backward_scratch = 2 * bytes};
  }
  KernelNeeds needs() const override { return {.backward_inputs = false, .in_place = true}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.shape.count());
    return {.flops = 40 * count, .bytes = 8 * count};
  }

  void forward(const ForwardCall& call) const override {
    apply(call.address, grain_, call.inputs[0], call.outputs[0], call.scratch, true);
  }
  void backward(const BackwardCall& call) const override {
    if (!call.input_gradients[0]) return;
    apply(call.address, call.rows, call.output_gradients[0], call.input_gradients[0], call.scratch, false);
    const int64_t valid = call.rows * type_.shape.count();
    std::fill_n(static_cast<float*>(call.input_gradients[0]) + valid, grain_ * type_.shape.count() - valid, 0.0f);
  }

 private:
  void draw(uint64_t seed, uint64_t sample, float* factors, float* terms) const {
    const uint64_t key = mix(seed, key_);
    const uint32_t threshold = static_cast<uint32_t>(std::ceil(rate_ * 0x1p24));
    std::fill_n(terms, drawn_, 0.0f);
    switch (noise_) {
      case Noise::Dropout:
        std::fill_n(factors, drawn_, 1.0f);
        drop_elements(factors, factors, drawn_, key, sample, threshold,
                      rate_ < 1 ? static_cast<float>(1 / (1 - rate_)) : 0.0f);
        break;
      case Noise::AlphaDropout: {
        constexpr double kDropped = -1.6732632423543772 * 1.0507009873554805;  // what selu tends to
        const double a = 1 / std::sqrt((1 - rate_) * (1 + rate_ * kDropped * kDropped));
        const double b = -a * kDropped * rate_;
        std::fill_n(factors, drawn_, 1.0f);
        drop_elements(factors, factors, drawn_, key, sample, threshold, 1);
        for (int64_t i = 0; i < drawn_; ++i) {
          terms[i] = static_cast<float>((factors[i] == 0 ? a * kDropped : 0) + b);
          factors[i] *= static_cast<float>(a);
        }
        break;
      }
      case Noise::GaussianDropout:
        normal_elements(factors, drawn_, key, sample, 1, static_cast<float>(std::sqrt(rate_ / (1 - rate_))));
        break;
      case Noise::GaussianNoise:
        std::fill_n(factors, drawn_, 1.0f);
        normal_elements(terms, drawn_, key, sample, 0, static_cast<float>(rate_));
        break;
    }
  }

  void apply(const SampleAddress& address, int64_t rows, const void* from, void* to, void* scratch,
             bool with_terms) const {
    float* factors = static_cast<float*>(scratch);
    float* terms = factors + drawn_;
    for (int64_t row = 0; row < rows; ++row) {
      draw(address.seed, address.first_sample + static_cast<uint64_t>(row), factors, terms);
      const float* x = static_cast<const float*>(from) + row * type_.shape.count();
      float* y = static_cast<float*>(to) + row * type_.shape.count();
      runs_.visit(1, [&](int64_t at, const std::array<int64_t, 2>& places, int64_t count) {
        multiply_.forward({x + at}, {factors + places[1], runs_.step(1)}, y + at, count);
        if (with_terms && noise_ != Noise::Dropout)
          add_.forward({y + at}, {terms + places[1], runs_.step(1)}, y + at, count);
      });
    }
  }

  const BinaryEntry& multiply_ = *find_binary_entry("multiply");
  const BinaryEntry& add_ = *find_binary_entry("add");
  Noise noise_;
  double rate_;
  uint64_t key_;
  TensorType type_;
  int64_t drawn_;  // of one sample
  RepeatedRuns<2> runs_;
  int64_t grain_;
};

}  // namespace

std::unique_ptr<Kernel> make_noise_kernel(Noise noise, double rate, const Shape& shape, uint64_t key,
                                          const TensorType& type, int64_t grain) {
  return std::make_unique<NoiseKernel>(noise, rate, shape, key, type, grain);
}

}  // namespace batchwise
