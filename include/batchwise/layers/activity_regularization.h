// ActivityRegularization: adds l1 * sum |x| + l2 * sum x^2 of its input to the loss.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct ActivityRegularizationOptions {
  double l1 = 0, l2 = 0;
};

inline LayerRef ActivityRegularization(const ActivityRegularizationOptions& options) {
  return make_layer({"ActivityRegularization", Config::object({{"l1", options.l1}, {"l2", options.l2}})});
}

}  // namespace batchwise
