// Energies in bands: a Fourier transform of each frame under the window, its magnitudes added up band by band.
#include "kernels/band_energies.h"

#include <algorithm>
#include <cmath>

#include "kernels/fourier.h"

namespace batchwise {
namespace {

class BandEnergiesKernel final : public Kernel {
 public:
  BandEnergiesKernel(BandEnergies options, int64_t grain)
      : options_(std::move(options)),
        grain_(grain),
        length_(static_cast<int64_t>(options_.window.size())),
        fourier_(length_) {}

  std::string_view kind() const override { return "band_energies"; }
  std::vector<TensorType> outputs() const override {
    return {{{static_cast<int64_t>(options_.bands.size()), options_.frames}}};
  }
  KernelMemory memory() const override {
    const int64_t bytes = (3 * length_ + fourier_.scratch_floats()) * 4;
    return {.forward_scratch = bytes, .backward_scratch = bytes};
  }
  KernelCost cost() const override {
    const double frames = static_cast<double>(grain_ * options_.frames), length = static_cast<double>(length_);
    return {.flops = frames * 5 * length * std::log2(length), .bytes = frames * length * 4};
  }

  void forward(const ForwardCall& call) const override {
    const auto* x = static_cast<const float*>(call.inputs[0]);
    auto* y = static_cast<float*>(call.outputs[0]);
    auto* real = static_cast<float*>(call.scratch);
    float* energies = real + 2 * length_;
    for (int64_t row = 0; row < grain_; ++row, x += options_.samples, y += bands() * options_.frames)
      for (int64_t t = 0; t < options_.frames; ++t) {
        transform(x, t, real);
        for (int64_t k = 0; k <= length_ / 2; ++k) energies[k] = energy(real[k], real[length_ + k]);
        for (int64_t b = 0; b < bands(); ++b) {
          const FrequencyBand& band = options_.bands[static_cast<size_t>(b)];
          float sum = 0;
          for (size_t i = 0; i < band.weights.size(); ++i)
            sum += energies[band.first + static_cast<int64_t>(i)] * band.weights[i];
          y[b * options_.frames + t] = sum;
        }
      }
  }

  void backward(const BackwardCall& call) const override {
    auto* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    const auto* x = static_cast<const float*>(call.inputs[0]);
    const auto* dy = static_cast<const float*>(call.output_gradients[0]);
    auto* real = static_cast<float*>(call.scratch);
    float *imaginary = real + length_, *slopes = real + 2 * length_;
    std::fill_n(dx, grain_ * options_.samples, 0.0f);
    for (int64_t row = 0; row < call.rows; ++row)
      for (int64_t t = 0; t < options_.frames; ++t) {
        transform(x + row * options_.samples, t, real);
        std::fill_n(slopes, length_, 0.0f);
        for (int64_t b = 0; b < bands(); ++b) {
          const FrequencyBand& band = options_.bands[static_cast<size_t>(b)];
          const float gradient = dy[(row * bands() + b) * options_.frames + t];
          for (size_t i = 0; i < band.weights.size(); ++i)
            slopes[band.first + static_cast<int64_t>(i)] += gradient * band.weights[i];
        }
        // Back through the transform: the real part of the transform of the mirrored slopes.
        for (int64_t k = 0; k < length_; ++k) {
          const float slope = k <= length_ / 2 ? slopes[k] * energy_slope(real[k], imaginary[k]) : 0;
          real[k] = slope == 0 ? 0 : real[k] * slope;
          imaginary[k] = slope == 0 ? 0 : -imaginary[k] * slope;
        }
        fourier_.run(real, imaginary, real + 3 * length_);
        for (int64_t i = 0; i < length_; ++i)
          dx[row * options_.samples + place(t, i)] += real[i] * options_.window[static_cast<size_t>(i)];
      }
  }

 private:
  int64_t bands() const { return static_cast<int64_t>(options_.bands.size()); }
  // The sample that element `i` of a frame is: the signal is mirrored at its ends.
  int64_t place(int64_t frame, int64_t i) const {
    const int64_t at = std::abs(frame * options_.stride + i - length_ / 2);
    return at < options_.samples ? at : 2 * (options_.samples - 1) - at;
  }
  void transform(const float* x, int64_t frame, float* real) const {
    for (int64_t i = 0; i < length_; ++i) real[i] = x[place(frame, i)] * options_.window[static_cast<size_t>(i)];
    std::fill_n(real + length_, length_, 0.0f);
    fourier_.run(real, real + length_, real + 3 * length_);
  }
  float energy(float r, float m) const {
    const float square = r * r + m * m;
    if (options_.exponent == 2) return square;
    return options_.exponent == 1 ? std::sqrt(square) : std::pow(std::sqrt(square), options_.exponent);
  }
  float energy_slope(float r, float m) const {  // along r it is this times r
    if (options_.exponent == 2) return 2;
    const float magnitude = std::sqrt(r * r + m * m);
    return magnitude == 0 ? 0 : options_.exponent * std::pow(magnitude, options_.exponent - 2);
  }

  BandEnergies options_;
  int64_t grain_, length_;
  Fourier fourier_;
};

}  // namespace

std::unique_ptr<Kernel> make_band_energies_kernel(BandEnergies options, int64_t grain) {
  return std::make_unique<BandEnergiesKernel>(std::move(options), grain);
}

}  // namespace batchwise
