// OrthogonalRegularizer: the cosines between all pairs of rows (or columns) of a matrix as a penalty.
#include <algorithm>
#include <cmath>

#include "base/known_keys.h"

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "OrthogonalRegularizer";
constexpr float kLeastLength = 1e-7f;  // shorter vectors are divided by this

float dot(const float* a, const float* b, int64_t count) {
  float sums[8] = {};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int k = 0; k < 8; ++k) sums[k] += a[i + k] * b[i + k];
  for (; i < count; ++i) sums[0] += a[i] * b[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

class OrthogonalPenalty : public Regularizer {
 public:
  explicit OrthogonalPenalty(const Config& config)
      : factor_(config.get("factor", 0.01)), mode_(config.get("mode", "rows")), columns_(mode_ == "columns") {
    require_known_keys(config, kClass, {"factor", "mode"});
    require(std::isfinite(factor_) && factor_ >= 0, kClass, "factor must be a number of 0 or more. Got ", factor_, ".");
    require(columns_ || mode_ == "rows", kClass, "mode must be rows or columns. Got \"", mode_, "\".");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override { return Config::object({{"factor", factor_}, {"mode", mode_}}); }
  double value(const float*, int64_t) const override { return 0; }  // it is whole
  void add_gradient(const float*, float*, int64_t, float) const override {}

  bool is_whole() const override { return true; }
  void check(const Shape& variable) const override {
    require(variable.rank() == 2, kClass, "the weight must be a matrix. Got a weight of shape ", variable, ".");
  }
  // The vectors of length 1, their lengths, and one gradient.
  int64_t scratch(const Shape& shape) const override { return 4 * (shape.count() + vectors(shape) + length(shape)); }

  double value_of(const Shape& shape, const float* weights, void* scratch) const override {
    const int64_t n = vectors(shape), d = length(shape);
    const float* units = normalise(shape, weights, scratch);
    double sum = 0;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < i; ++j) sum += std::fabs(dot(units + i * d, units + j * d, d));
    return n < 2 ? 0 : factor_ * sum / pairs(n);
  }

  void add_gradient_of(const Shape& shape, const float* weights, float* gradient, void* scratch) const override {
    const int64_t n = vectors(shape), d = length(shape);
    if (n < 2) return;
    const float* units = normalise(shape, weights, scratch);
    const float* lengths = units + n * d;
    float* own = static_cast<float*>(scratch) + n * d + n;
    const float scale = static_cast<float>(factor_ / pairs(n));
    for (int64_t i = 0; i < n; ++i) {
      const float* unit = units + i * d;
      std::fill_n(own, d, 0.0f);
      for (int64_t j = 0; j < n; ++j) {
        if (j == i) continue;
        const float cosine = dot(unit, units + j * d, d);
        if (cosine == 0) continue;
        const float sign = cosine > 0 ? 1.0f : -1.0f;
        for (int64_t k = 0; k < d; ++k) own[k] += sign * units[j * d + k];
      }
      // A vector's own direction does not change its unit vector, unless it is shorter than the least length.
      const float along = lengths[i] > kLeastLength ? dot(own, unit, d) : 0;
      const float by = scale / std::max(lengths[i], kLeastLength);
      for (int64_t k = 0; k < d; ++k) gradient[place(shape, i, k)] += by * (own[k] - along * unit[k]);
    }
  }

 private:
  int64_t vectors(const Shape& shape) const { return columns_ ? shape[1] : shape[0]; }
  int64_t length(const Shape& shape) const { return columns_ ? shape[0] : shape[1]; }
  int64_t place(const Shape& shape, int64_t vector, int64_t k) const {
    return columns_ ? k * shape[1] + vector : vector * shape[1] + k;
  }
  static double pairs(int64_t n) { return static_cast<double>(n) * (static_cast<double>(n) - 1) / 2; }

  const float* normalise(const Shape& shape, const float* weights, void* scratch) const {
    const int64_t n = vectors(shape), d = length(shape);
    float *units = static_cast<float*>(scratch), *lengths = units + n * d;
    for (int64_t i = 0; i < n; ++i) {
      float* unit = units + i * d;
      for (int64_t k = 0; k < d; ++k) unit[k] = weights[place(shape, i, k)];
      lengths[i] = std::sqrt(dot(unit, unit, d));
      const float by = 1 / std::max(lengths[i], kLeastLength);
      for (int64_t k = 0; k < d; ++k) unit[k] *= by;
    }
    return units;
  }

  double factor_;
  std::string mode_;
  bool columns_;
};

const Register<Regularizer, OrthogonalPenalty> registered{
    kClass,
    {"orthogonal_regularizer"},
    {Config(Config::Object{}), Config::object({{"factor", 0.5}, {"mode", "columns"}})}};

}  // namespace

namespace regularizers {
Spec OrthogonalRegularizer(float factor, const std::string& mode) {
  return Spec(kClass, Config::object({{"factor", factor}, {"mode", mode}}));
}
}  // namespace regularizers

}  // namespace batchwise
