// Bidirectional: a recurrent layer over a sequence, and another one over it from its end.
#pragma once

#include <optional>
#include <string>

#include <batchwise/wrapped_layer.h>

namespace batchwise {

struct BidirectionalOptions {
  std::string merge_mode = "concat";       // or "sum", "mul", "ave"; "": both outputs apart
  std::optional<LayerRef> backward_layer;  // one of the same arguments when not given
};

// Layers of the same arguments as those given, which themselves stay as they are.
inline LayerRef Bidirectional(const LayerRef& layer, const BidirectionalOptions& options = {}) {
  return make_layer(
      {"Bidirectional",
       Config::object({{"layer", arguments_of(layer)},
                       {"backward_layer", options.backward_layer ? arguments_of(*options.backward_layer) : Config()},
                       {"merge_mode", options.merge_mode.empty() ? Config() : Config(options.merge_mode)}})});
}

}  // namespace batchwise
