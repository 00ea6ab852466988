// Transforms of powers of two by halves; of other lengths by Bluestein's chirp.
#include "kernels/fourier.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace batchwise {
namespace {

constexpr double kPi = 3.14159265358979323846;

}  // namespace

Fourier::Fourier(int64_t length) : length_(length) {
  if (std::has_single_bit(static_cast<uint64_t>(length))) {
    places_.resize(static_cast<size_t>(length));
    for (int64_t i = 0, j = 0; i < length; ++i) {
      places_[static_cast<size_t>(i)] = j;
      int64_t bit = length >> 1;
      while (bit && (j & bit)) {
        j ^= bit;
        bit >>= 1;
      }
      j |= bit;
    }
    for (int64_t half = 1; half < length; half *= 2)
      for (int64_t i = 0; i < half; ++i) {
        const double angle = -kPi * static_cast<double>(i) / static_cast<double>(half);
        cosines_.push_back(static_cast<float>(std::cos(angle)));
        sines_.push_back(static_cast<float>(std::sin(angle)));
      }
    return;
  }
  whole_ = std::make_unique<Fourier>(static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(2 * length - 1))));
  const size_t size = static_cast<size_t>(whole_->length_);
  filter_real_.assign(size, 0.0f);
  filter_imaginary_.assign(size, 0.0f);
  for (int64_t i = 0; i < length; ++i) {
    // The angle turns by i^2 / 2 length: without whole turns it is exact for any length.
    const double angle = -kPi * static_cast<double>(i * i % (2 * length)) / static_cast<double>(length);
    chirp_real_.push_back(static_cast<float>(std::cos(angle)));
    chirp_imaginary_.push_back(static_cast<float>(std::sin(angle)));
    for (const int64_t place : {i, (whole_->length_ - i) % whole_->length_}) {
      filter_real_[static_cast<size_t>(place)] = static_cast<float>(std::cos(angle));
      filter_imaginary_[static_cast<size_t>(place)] = static_cast<float>(-std::sin(angle));
    }
  }
  whole_->run(filter_real_.data(), filter_imaginary_.data(), nullptr);
}

void Fourier::halves(float* real, float* imaginary) const {
  for (int64_t i = 0; i < length_; ++i)
    if (const int64_t j = places_[static_cast<size_t>(i)]; i < j) {
      std::swap(real[i], real[j]);
      std::swap(imaginary[i], imaginary[j]);
    }
  const float *cosines = cosines_.data(), *sines = sines_.data();
  for (int64_t half = 1; half < length_; cosines += half, sines += half, half *= 2)
    for (int64_t first = 0; first < length_; first += 2 * half) {
      float *ar = real + first, *ai = imaginary + first, *br = ar + half, *bi = ai + half;
      for (int64_t i = 0; i < half; ++i) {
        const float r = br[i] * cosines[i] - bi[i] * sines[i], m = br[i] * sines[i] + bi[i] * cosines[i];
        br[i] = ar[i] - r;
        bi[i] = ai[i] - m;
        ar[i] += r;
        ai[i] += m;
      }
    }
}

void Fourier::run(float* real, float* imaginary, float* scratch) const {
  if (!whole_) return halves(real, imaginary);
  const int64_t size = whole_->length_;
  float *r = scratch, *m = scratch + size;
  std::fill_n(scratch, 2 * size, 0.0f);
  const auto times = [](float& a, float& b, float c, float d) {
    const float product = a * c - b * d;
    b = a * d + b * c;
    a = product;
  };
  for (int64_t i = 0; i < length_; ++i) {
    r[i] = real[i];
    m[i] = imaginary[i];
    times(r[i], m[i], chirp_real_[static_cast<size_t>(i)], chirp_imaginary_[static_cast<size_t>(i)]);
  }
  whole_->halves(r, m);
  for (int64_t i = 0; i < size; ++i)
    times(r[i], m[i], filter_real_[static_cast<size_t>(i)], filter_imaginary_[static_cast<size_t>(i)]);
  // Back: the transform of the mirrored values, by the length.
  std::reverse(r + 1, r + size);
  std::reverse(m + 1, m + size);
  whole_->halves(r, m);
  for (int64_t i = 0; i < length_; ++i) {
    real[i] = r[i] / static_cast<float>(size);
    imaginary[i] = m[i] / static_cast<float>(size);
    times(real[i], imaginary[i], chirp_real_[static_cast<size_t>(i)], chirp_imaginary_[static_cast<size_t>(i)]);
  }
}

}  // namespace batchwise
