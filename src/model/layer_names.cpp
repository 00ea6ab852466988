// Names of layers as Keras gives them.
#include "model/layer_names.h"

#include <map>
#include <set>

#include "base/snake_case.h"

namespace batchwise {
std::string name_stem(const Layer& layer) {
  // Keras exports this class under another name than its own.
  if (layer.class_name() == "GroupQueryAttention") return "grouped_query_attention";
  return layer.class_name() == "InputLayer" ? "input_layer" : snake_case(layer.class_name());
}

void name_layers(const std::vector<std::shared_ptr<Layer>>& layers) {
  std::set<std::string> taken;
  for (const auto& layer : layers)
    if (!layer->name().empty())
      require(taken.insert(layer->name()).second, "Model", "layer names must be unique. Got \"", layer->name(),
              "\" twice.");
  std::map<std::string, int> counts;
  for (const auto& layer : layers) {
    if (layer->name().empty()) {
      const std::string stem = name_stem(*layer);
      std::string name;
      do {
        const int count = counts[stem]++;
        name = count == 0 ? stem : stem + "_" + std::to_string(count);
      } while (!taken.insert(name).second);
      layer->set_name(name);
    }
  }
  set_paths(layers);
}

void set_paths(const std::vector<std::shared_ptr<Layer>>& layers) {
  const std::lock_guard lock(paths_mutex());
  for (const auto& layer : layers) layer->set_paths();
}

std::recursive_mutex& paths_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

}  // namespace batchwise
