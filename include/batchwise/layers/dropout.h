// Dropout: while training, elements become 0 with probability `rate` and the others grow by 1 / (1 - rate).
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct DropoutOptions {
  double rate = 0;
  std::optional<int64_t> seed;  // tells layers apart beyond their names; what is drawn follows the run's seed too
};

inline LayerRef Dropout(const DropoutOptions& options) {
  return make_layer(
      {"Dropout", Config::object({{"rate", options.rate}, {"seed", options.seed ? Config(*options.seed) : Config()}})});
}
inline LayerRef Dropout(double rate) { return Dropout(DropoutOptions{.rate = rate}); }

}  // namespace batchwise
