// Bidirectional: a recurrent layer over a sequence, and another one over it from its end.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct BidirectionalOptions {
  std::string merge_mode = "concat";       // or "sum", "mul", "ave"; "": both outputs apart
  std::optional<LayerRef> backward_layer;  // one of the same arguments when not given
};

// Layers of the same arguments as those given, which themselves stay as they are.
inline LayerRef Bidirectional(const LayerRef& layer, const BidirectionalOptions& options = {}) {
  const auto stated = [](const LayerRef& ref) {
    return config_of(Spec(std::string(ref.layer()->class_name()), ref.layer()->config()));
  };
  return make_layer(
      {"Bidirectional",
       Config::object({{"layer", stated(layer)},
                       {"backward_layer", options.backward_layer ? stated(*options.backward_layer) : Config()},
                       {"merge_mode", options.merge_mode.empty() ? Config() : Config(options.merge_mode)}})});
}

}  // namespace batchwise
