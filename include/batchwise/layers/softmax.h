// Softmax: along one axis or several neighbouring ones.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct SoftmaxOptions {
  std::vector<int64_t> axis = {-1};  // the batch is axis 0
};

inline LayerRef Softmax(const SoftmaxOptions& options = {}) {
  return make_layer({"Softmax", Config::object({{"axis", options.axis.size() == 1 ? Config(options.axis[0])
                                                                                  : Config(options.axis)}})});
}

}  // namespace batchwise
