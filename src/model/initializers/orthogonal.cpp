// Orthogonal: rows or columns at right angles, from the QR decomposition of a normal matrix.
#include <algorithm>
#include <cmath>

#include "base/known_keys.h"
#include "model/initializers/draws.h"

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "Orthogonal";

double dot(const double* a, const double* b, int64_t count) {
  double sums[4] = {};
  for (int64_t i = 0; i < count; ++i) sums[i & 3] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

class OrthogonalInitializer : public Initializer {
 public:
  explicit OrthogonalInitializer(const Config& config) : config_(config), gain_(config.get("gain", 1.0)) {
    require_known_keys(config, kClass, {"gain", "seed"});
    weight_key(config, 0, 0);
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    const Config* seed = config_.find("seed");
    return Config::object({{"gain", gain_}, {"seed", seed ? *seed : Config()}});
  }
  void fill(std::span<const int64_t> shape, uint64_t seed, uint64_t key, std::span<float> values) const override {
    require(shape.size() >= 2, kClass, "the weight must have two dimensions or more. Got ", shape.size(), ".");
    const int64_t columns = shape.back(), rows = columns == 0 ? 0 : static_cast<int64_t>(values.size()) / columns;
    const int64_t length = std::max(rows, columns), count = std::min(rows, columns);
    draw_normal(weight_key(config_, seed, key), 0, 1, values);
    std::vector<double> vectors(values.begin(), values.end());  // `count` of `length`
    // Gram-Schmidt: its R has a positive diagonal, so this is the Q that Keras gets after fixing signs.
    for (int64_t v = 0; v < count; ++v) {
      double* own = vectors.data() + v * length;
      for (int64_t before = 0; before < v; ++before) {
        const double* other = vectors.data() + before * length;
        const double along = dot(own, other, length);
        for (int64_t i = 0; i < length; ++i) own[i] -= along * other[i];
      }
      const double size = std::sqrt(dot(own, own, length));
      for (int64_t i = 0; i < length; ++i) own[i] /= size;
    }
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c)
        values[static_cast<size_t>(r * columns + c)] =
            static_cast<float>(gain_ * (rows >= columns ? vectors[c * length + r] : vectors[r * length + c]));
  }

 private:
  Config config_;
  double gain_;
};

const Register<Initializer, OrthogonalInitializer> registered{
    kClass, {"orthogonal", "OrthogonalInitializer"}, {Config::object({{"gain", 0.5}})}};

}  // namespace

namespace initializers {
Spec Orthogonal(const OrthogonalOptions& options) {
  return {kClass, Config::object({{"gain", options.gain}, {"seed", options.seed ? Config(*options.seed) : Config()}})};
}
}  // namespace initializers

}  // namespace batchwise
