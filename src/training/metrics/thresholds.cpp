// Predictions sorted into the spaces between thresholds.
#include "training/metrics/thresholds.h"

#include <algorithm>
#include <cmath>

#include <batchwise/error.h>

namespace batchwise {
namespace {
constexpr double kMargin = 1e-7;  // by which the outer thresholds lie outside of [0, 1]
}

Thresholds Thresholds::even(int64_t count, bool margin) {
  Thresholds made;
  made.count_ = count;
  made.margin_ = margin;
  made.even_ = true;
  return made;
}

Thresholds Thresholds::around(std::vector<float> inner) {
  // As in Keras, thresholds that are as good as even are taken as even: their rounding is another.
  const int64_t count = static_cast<int64_t>(inner.size()) + 2;
  bool is_even = !inner.empty();
  for (size_t i = 0; i < inner.size(); ++i) {
    const double there = static_cast<double>(i + 1) / static_cast<double>(count - 1);
    is_even = is_even && std::fabs(inner[i] - there) <= kMargin + 1e-5 * there;
  }
  if (is_even) return even(count, true);
  Thresholds made;
  made.count_ = count;
  made.margin_ = true;
  made.given_ = std::move(inner);
  return made;
}

Thresholds Thresholds::at(float only) {
  Thresholds made;
  made.count_ = 1;
  made.given_ = {only};
  return made;
}

int64_t Thresholds::space_of(float prediction) const {
  if (even_) {
    if (!(prediction > 0)) return margin_ ? 1 : 0;  // also NaN
    return static_cast<int64_t>(
        std::ceil(std::min(prediction, 1.0f) * static_cast<float>(count_ - 1)));  // Keras's rounding
  }
  if (std::isnan(prediction)) return 0;
  const int64_t below = std::lower_bound(given_.begin(), given_.end(), prediction) - given_.begin();
  if (!margin_) return below;
  return prediction > 1 + kMargin ? count_ : prediction > -kMargin ? below + 1 : 0;
}

void Thresholds::add(double* sums, float prediction, double positive, double negative) const {
  const int64_t space = space_of(prediction);
  sums[space] += positive;
  sums[count_ + 1 + space] += negative;
}

std::vector<float> read_thresholds(const Config& config, const char* key, std::string_view where) {
  std::vector<float> thresholds;
  const Config* given = config.find(key);
  if (!given || given->is_null()) return thresholds;
  const auto take = [&](const Config& item) {
    const float threshold = static_cast<float>(item.as_number(key));
    require(threshold >= 0 && threshold <= 1, where, key, " must lie in [0, 1]. Got ", threshold, ".");
    thresholds.push_back(threshold);
  };
  if (!given->is_list()) take(*given);
  else
    for (const Config& item : given->as_list(key)) take(item);
  require(!thresholds.empty(), where, key, " must have at least one number. Got [].");
  return thresholds;
}

}  // namespace batchwise
