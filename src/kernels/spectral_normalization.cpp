// Spectral normalisation around another kernel: every grain estimates the same sigma, the end of the step keeps it.
#include "kernels/spectral_normalization.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <batchwise/error.h>

namespace batchwise {
namespace {

constexpr size_t kMostWeights = 8;

int64_t aligned(int64_t bytes) { return (bytes + 63) / 64 * 64; }

// x / |x|, as Keras: nothing is divided by less than 1e-7.
void normalize(float* x, int64_t count) {
  double squares = 0;
  for (int64_t i = 0; i < count; ++i) squares += static_cast<double>(x[i]) * x[i];
  const float length = std::max(static_cast<float>(std::sqrt(squares)), 1e-7f);
  for (int64_t i = 0; i < count; ++i) x[i] /= length;
}

class SpectralNormalizationKernel final : public Kernel {
 public:
  SpectralNormalizationKernel(std::unique_ptr<Kernel> kernel, int index, int weights, const Shape& weight,
                              int64_t iterations)
      : kernel_(std::move(kernel)),
        index_(index),
        weights_(weights),
        columns_(weight.back()),
        rows_(weight.count() / weight.back()),
        iterations_(iterations),
        own_(kernel_->memory()) {
    require(kernel_->statistics().forward == 0 && kernel_->statistics().backward == 0, "SpectralNormalization",
            "the layer must be without statistics over the batch. Got one with: ", kernel_->kind(), ".");
    require(static_cast<size_t>(weights) < kMostWeights, "SpectralNormalization", "the layer must have fewer than ",
            kMostWeights, " weights. Got ", weights, ".");
  }

  std::string_view kind() const override { return kernel_->kind(); }
  std::vector<TensorType> outputs() const override { return kernel_->outputs(); }
  KernelMemory memory() const override {
    KernelMemory memory = own_;
    memory.saved = aligned(own_.saved) + 64;
    memory.forward_scratch = aligned(own_.forward_scratch) + aligned(bytes(forward_layout(index_))) +
                             aligned(rows_ * columns_ * 4) + aligned(rows_ * 4) + aligned(columns_ * 4);
    memory.backward_scratch = aligned(own_.backward_scratch) + aligned(bytes(backward_layout(index_)));
    memory.shared = aligned(own_.shared) + aligned((1 + columns_) * 4);
    return memory;
  }
  KernelNeeds needs() const override { return kernel_->needs(); }
  KernelCost cost() const override {
    KernelCost cost = kernel_->cost();
    cost.flops += static_cast<double>(4 * iterations_ * rows_ * columns_);
    return cost;
  }
  Statistics statistics() const override { return {.forward = 1 + columns_, .moves_learned = true}; }

  WeightLayoutPtr forward_layout(int i) const override { return i < weights_ ? kernel_->forward_layout(i) : nullptr; }
  WeightLayoutPtr backward_layout(int i) const override { return i < weights_ ? kernel_->backward_layout(i) : nullptr; }
  WeightLayoutPtr gradient_layout(int i) const override { return i < weights_ ? kernel_->gradient_layout(i) : nullptr; }
  bool adds_to_gradient(int i) const override { return i < weights_ && kernel_->adds_to_gradient(i); }
  bool backward_reads_weight(int i) const override { return i < weights_ && kernel_->backward_reads_weight(i); }
  void prepare(int lanes) override { kernel_->prepare(lanes); }

  void forward(const ForwardCall& call) const override {
    std::byte* at = static_cast<std::byte*>(call.scratch) + aligned(own_.forward_scratch);
    const auto take = [&](int64_t size) {
      float* taken = reinterpret_cast<float*>(at);
      at += aligned(size);
      return taken;
    };
    const WeightLayoutPtr layout = forward_layout(index_);
    const float* stored = call.weights[static_cast<size_t>(index_)];
    float* divided = take(bytes(layout));
    float* canonical = take(rows_ * columns_ * 4);
    float* v = take(rows_ * 4);
    float* u = take(columns_ * 4);
    if (layout) layout->unpack(stored, canonical);
    std::copy_n(call.weights[static_cast<size_t>(weights_)], columns_, u);
    const float sigma = estimate(layout ? canonical : stored, u, v);
    *sigma_of(call.saved) = sigma;
    if (call.statistics) {
      call.statistics[0] = sigma;
      std::copy_n(u, columns_, call.statistics + 1);
    }
    const auto weights = with_divided(call.weights, stored, sigma, divided, bytes(layout));
    ForwardCall inner = call;
    inner.weights = {weights.data(), static_cast<size_t>(weights_)};
    inner.statistics = nullptr;
    kernel_->forward(inner);
  }

  void backward(const BackwardCall& call) const override {
    float* divided = reinterpret_cast<float*>(static_cast<std::byte*>(call.scratch) + aligned(own_.backward_scratch));
    const float sigma = *sigma_of(const_cast<void*>(call.saved));
    BackwardCall inner = call;
    std::array<const float*, kMostWeights> weights{};
    std::copy_n(call.weights.begin(), weights_, weights.begin());
    if (kernel_->backward_reads_weight(index_))
      weights = with_divided(call.weights, call.weights[static_cast<size_t>(index_)], sigma, divided,
                             bytes(backward_layout(index_)));
    inner.weights = {weights.data(), static_cast<size_t>(weights_)};
    inner.weight_gradients = call.weight_gradients.first(static_cast<size_t>(weights_));
    inner.statistics = nullptr;
    kernel_->backward(inner);
  }

  // All grains found the same: what the first one says.
  void combine_forward(std::span<const double> partials, std::span<const int64_t>, void* shared) const override {
    std::transform(partials.begin(), partials.begin() + 1 + columns_, kept(shared),
                   [](double value) { return static_cast<float>(value); });
  }

  void commit(const void* shared, std::span<float* const> weights) const override {
    const float* found = kept(const_cast<void*>(shared));
    if (float* weight = weights[static_cast<size_t>(index_)])
      divide(weight, found[0], weight, bytes(gradient_layout(index_)));
    if (float* u = weights[static_cast<size_t>(weights_)]) std::copy_n(found + 1, columns_, u);
  }

 private:
  int64_t bytes(const WeightLayoutPtr& layout) const { return layout ? layout->bytes() : rows_ * columns_ * 4; }
  float* sigma_of(void* saved) const {
    return reinterpret_cast<float*>(static_cast<std::byte*>(saved) + aligned(own_.saved));
  }
  float* kept(void* shared) const {
    return reinterpret_cast<float*>(static_cast<std::byte*>(shared) + aligned(own_.shared));
  }
  static void divide(const float* from, float sigma, float* to, int64_t size) {
    for (int64_t i = 0; i < size / 4; ++i) to[i] = from[i] / sigma;
  }
  // Layouts are linear: dividing what is stored divides the weight.
  std::array<const float*, kMostWeights> with_divided(std::span<const float* const> weights, const float* stored,
                                                      float sigma, float* divided, int64_t size) const {
    std::array<const float*, kMostWeights> all{};
    std::copy_n(weights.begin(), weights_, all.begin());
    divide(stored, sigma, divided, size);
    all[static_cast<size_t>(index_)] = divided;
    return all;
  }

  // Leaves the improved u. A weight of zeros is left as it is.
  float estimate(const float* weight, float* u, float* v) const {
    if (std::all_of(weight, weight + rows_ * columns_, [](float value) { return value == 0; })) return 1;
    for (int64_t i = 0; i < iterations_; ++i) {
      for (int64_t r = 0; r < rows_; ++r) v[r] = dot(weight + r * columns_, u);
      normalize(v, rows_);
      std::fill_n(u, columns_, 0.0f);
      for (int64_t r = 0; r < rows_; ++r)
        for (int64_t c = 0; c < columns_; ++c) u[c] += v[r] * weight[r * columns_ + c];
      normalize(u, columns_);
    }
    double sigma = 0;
    for (int64_t r = 0; r < rows_; ++r) sigma += static_cast<double>(v[r]) * dot(weight + r * columns_, u);
    return static_cast<float>(sigma);
  }
  float dot(const float* row, const float* u) const {
    double sum = 0;
    for (int64_t c = 0; c < columns_; ++c) sum += static_cast<double>(row[c]) * u[c];
    return static_cast<float>(sum);
  }

  std::unique_ptr<Kernel> kernel_;
  int index_, weights_;
  int64_t columns_, rows_, iterations_;
  KernelMemory own_;
};

}  // namespace

std::unique_ptr<Kernel> make_spectral_normalization_kernel(std::unique_ptr<Kernel> kernel, int index, int weights,
                                                           const Shape& weight, int64_t iterations) {
  return std::make_unique<SpectralNormalizationKernel>(std::move(kernel), index, weights, weight, iterations);
}

}  // namespace batchwise
