// Where the weights of each layer lie in Keras's weight files.
#include "saving/weight_paths.h"

#include <map>

#include "base/snake_case.h"

namespace batchwise {

std::vector<std::string> weight_paths(const std::vector<std::shared_ptr<Layer>>& layers) {
  std::map<std::string, int> counts;
  std::vector<std::string> paths;
  for (const auto& layer : layers) {
    const std::string stem = snake_case(layer->class_name());
    const int count = counts[stem]++;
    paths.push_back("layers/" + stem + (count == 0 ? "" : "_" + std::to_string(count)));
  }
  return paths;
}

}  // namespace batchwise
