// Names of layers as Keras gives them.
#include "model/layer_names.h"

#include <cctype>
#include <map>
#include <set>

namespace batchwise {
namespace {

bool upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool lower(char c) { return std::islower(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::string snake_case(std::string_view name) {
  // Two substitutions, each scanning left to right without overlap: (.)([A-Z][a-z]+) -> \1_\2, then ([a-z])([A-Z]) ->
  // \1_\2.
  std::string words;
  for (size_t i = 0; i < name.size();) {
    if (i + 2 < name.size() && upper(name[i + 1]) && lower(name[i + 2])) {
      words += name[i];
      words += '_';
      size_t end = i + 2;
      while (end < name.size() && lower(name[end])) ++end;
      words += name.substr(i + 1, end - i - 1);
      i = end;
    } else {
      words += name[i++];
    }
  }
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(words[i])));
    if (i + 1 < words.size() && lower(words[i]) && upper(words[i + 1])) out += '_';
  }
  return out;
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
      const std::string stem = layer->class_name() == "InputLayer" ? "input_layer" : snake_case(layer->class_name());
      std::string name;
      do {
        const int count = counts[stem]++;
        name = count == 0 ? stem : stem + "_" + std::to_string(count);
      } while (!taken.insert(name).second);
      layer->set_name(name);
    }
    for (const auto& variable : layer->weights()) variable->path = layer->name() + "/" + variable->spec.name;
  }
}

}  // namespace batchwise
