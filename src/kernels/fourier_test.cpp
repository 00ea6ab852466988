// Facts of Fourier transforms: those of any length agree with the sum that defines them.
#include "kernels/fourier.h"

#include <cmath>

#include <gtest/gtest.h>

#include "kernels/kernel_trial.h"

namespace batchwise {
namespace {

TEST(Fourier, AgreesWithTheSumAtEveryLength) {
  for (const int64_t length : {1, 2, 3, 5, 8, 12, 16, 31, 60, 64, 100, 256, 400}) {
    const Fourier fourier(length);
    std::vector<float> real = trial::random_values(length, 3), imaginary = trial::random_values(length, 4);
    const std::vector<float> a = real, b = imaginary;
    std::vector<float> scratch(static_cast<size_t>(fourier.scratch_floats()));
    fourier.run(real.data(), imaginary.data(), scratch.data());
    for (int64_t k = 0; k < length; ++k) {
      double r = 0, m = 0;
      for (int64_t n = 0; n < length; ++n) {
        const double angle = -2 * M_PI * static_cast<double>(k * n % length) / static_cast<double>(length);
        const double x = a[static_cast<size_t>(n)], y = b[static_cast<size_t>(n)];
        r += x * std::cos(angle) - y * std::sin(angle);
        m += x * std::sin(angle) + y * std::cos(angle);
      }
      const double limit = 3e-6 * std::sqrt(static_cast<double>(length));
      EXPECT_NEAR(real[static_cast<size_t>(k)], r, limit) << k << " of " << length;
      EXPECT_NEAR(imaginary[static_cast<size_t>(k)], m, limit) << k << " of " << length;
    }
  }
}

}  // namespace
}  // namespace batchwise
