// Which class a line of scores or a one-hot line stands for.
#pragma once

#include <cmath>
#include <cstdint>

namespace batchwise {

// The first largest element.
inline int64_t largest_class(const float* line, int64_t classes) {
  int64_t best = 0;
  for (int64_t i = 1; i < classes; ++i)
    if (line[i] > line[best]) best = i;
  return best;
}

// Fewer than k classes score higher than `label`; false for a label that is no class and for scores that are not
// finite.
inline bool in_top_k(const float* line, int64_t classes, float label, int64_t k) {
  if (!(label >= 0 && label < static_cast<float>(classes))) return false;
  const float score = line[static_cast<int64_t>(label)];
  if (!std::isfinite(score)) return false;
  int64_t higher = 0;
  for (int64_t i = 0; i < classes; ++i) {
    if (!std::isfinite(line[i])) return false;
    higher += line[i] > score;
  }
  return higher < k;
}

}  // namespace batchwise
