// What a model begins or ends with: names for tensors, also where one layer gives several.
#include <algorithm>

#include <batchwise/model.h>

namespace batchwise {
namespace {

bool names_tensors(const Config& structure) {
  if (!structure.is_object()) return false;
  const auto& entries = structure.as_object();
  return std::all_of(entries.begin(), entries.end(), [](const auto& entry) { return entry.second.is_int(); });
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Ends::Ends(const std::map<std::string, Symbol>& named) : structure_(Config::Object{}) {
  for (const auto& [name, symbol] : named) {
    structure_.set(name, static_cast<int64_t>(flat_.size()));
    flat_.push_back(symbol);
  }
}

std::vector<std::string> Ends::names() const {
  std::vector<std::string> layers, names;
  if (names_tensors(structure_)) {
    names.resize(flat_.size());
    for (const auto& [name, place] : structure_.as_object()) names[static_cast<size_t>(place.as_int())] = name;
    return names;
  }
  for (const Symbol& symbol : flat_) layers.push_back(symbol.node()->layer->name());
  for (const std::string& layer : layers) {
    std::string name = layer;
    for (int n = 1; has(names, name) || (n > 1 && has(layers, name)); ++n) name = layer + "_" + std::to_string(n);
    names.push_back(name);
  }
  return names;
}

}  // namespace batchwise
