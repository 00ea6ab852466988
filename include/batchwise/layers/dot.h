// Dot: sums of products of two tensors along an axis of each, sample by sample.
#pragma once

#include <vector>

#include <batchwise/model.h>

namespace batchwise {

struct DotOptions {
  std::vector<int64_t> axes;  // one for both tensors, or one of each; the batch is axis 0
  bool normalize = false;     // to unit length first: the cosine
};

inline LayerRef Dot(const DotOptions& options) {
  return make_layer(
      {"Dot", Config::object({{"axes", options.axes.size() == 1 ? Config(options.axes[0]) : Config(options.axes)},
                              {"normalize", options.normalize}})});
}

}  // namespace batchwise
