// Where the weights of layers lie in Keras's files.
#include "model/layer_paths.h"

#include <map>

#include "model/input_layer.h"
#include "model/layer_names.h"

namespace batchwise {

std::vector<std::string> layer_file_names(const std::vector<std::shared_ptr<Layer>>& layers, bool sequential) {
  std::map<std::string, int> counts;
  std::vector<std::string> names;
  for (const auto& layer : layers) {
    const bool input = dynamic_cast<const InputLayer*>(layer.get()) != nullptr;
    if (layer->class_name().starts_with("ops.") || (input && sequential)) {
      names.emplace_back();
      continue;
    }
    const std::string stem = name_stem(*layer);
    const int count = counts[stem]++;
    names.push_back(stem + (count == 0 ? "" : "_" + std::to_string(count)));
  }
  return names;
}

}  // namespace batchwise
