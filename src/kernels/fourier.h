// Discrete Fourier transforms of any length, in n log n.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace batchwise {

class Fourier {
 public:
  explicit Fourier(int64_t length);
  int64_t length() const { return length_; }
  int64_t scratch_floats() const { return whole_ ? 2 * whole_->length_ : 0; }
  // X[k] = sum over n of x[n] exp(-2 pi i k n / length), in place.
  void run(float* real, float* imaginary, float* scratch) const;

 private:
  void halves(float* real, float* imaginary) const;

  int64_t length_;
  std::vector<float> cosines_, sines_;  // of a power of two: the turns of all its halves
  std::vector<int64_t> places_;
  // Other lengths are a convolution with a chirp, by transforms of a power of two.
  std::unique_ptr<Fourier> whole_;
  std::vector<float> chirp_real_, chirp_imaginary_, filter_real_, filter_imaginary_;
};

}  // namespace batchwise
