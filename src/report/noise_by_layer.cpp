// The noise scale of every weight.
#include "report/noise_by_layer.h"

#include <algorithm>

#include "report/progress_text.h"

namespace batchwise {

std::string noise_by_layer_text(const History& history) {
  if (history.noise_scale_by_layer.empty()) return "";
  size_t width = 0;
  for (const auto& [path, scale] : history.noise_scale_by_layer) width = std::max(width, path.size());
  std::string text = "Noise scale of each weight, in samples, with its 95 % interval:\n";
  for (const auto& [path, scale] : history.noise_scale_by_layer)
    text += "  " + path + std::string(width - path.size() + 2, ' ') +
            (scale ? noise_scale_text(*scale) : "not known well enough") + "\n";
  return text;
}

Config noise_by_layer_event(const History& history) {
  Config::List weights;
  for (const auto& [path, scale] : history.noise_scale_by_layer) {
    Config weight = Config::object({{"weight", path}});
    if (scale) {
      weight.set("value", scale->value);
      weight.set("low", scale->low);
      weight.set("high", scale->high);
    }
    weights.push_back(weight);
  }
  return Config::object({{"event", "noise_scale_by_layer"}, {"weights", weights}});
}

}  // namespace batchwise
