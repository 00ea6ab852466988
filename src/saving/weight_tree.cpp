// Where the weights of a model lie in Keras's weight files.
#include "saving/weight_tree.h"

#include <set>

#include "model/layer_paths.h"

namespace batchwise {
namespace {

struct Tree {
  std::vector<WeightGroup> groups;
  std::set<const Layer*> visited;

  void add(Layer& layer, const std::string& path) {
    if (!visited.insert(&layer).second) return;
    const size_t first = groups.size();
    groups.push_back({path + "/vars", layer.name(), &layer, {}});
    for (const auto& weight : layer.own_weights()) {
      const size_t slash = weight->spec.name.rfind('/');
      const std::string folder = slash == std::string::npos ? "" : weight->spec.name.substr(0, slash);
      if (const std::string& also = weight->spec.also_in; !also.empty())
        group(first, path + "/" + also + "/vars", also).weights.push_back(weight);
      group(first, folder.empty() ? path + "/vars" : path + "/" + folder + "/vars", folder).weights.push_back(weight);
    }
    for (const Part& part : layer.parts()) add(*part.layer, path + "/" + part.attribute);
  }

  // The group at `path` among those of the layer that begin at `first`.
  WeightGroup& group(size_t first, const std::string& path, const std::string& folder) {
    for (size_t i = first; i < groups.size(); ++i)
      if (groups[i].path == path) return groups[i];
    groups.push_back({path, folder.substr(folder.rfind('/') + 1), nullptr, {}});
    return groups.back();
  }
};

}  // namespace

std::vector<WeightGroup> weight_groups(const Model& model) {
  Tree tree;
  const std::vector<std::string> names = layer_file_names(model.layers(), model.is_sequential());
  for (size_t i = 0; i < names.size(); ++i)
    if (!names[i].empty()) tree.add(*model.layers()[i], "layers/" + names[i]);
  return std::move(tree.groups);
}

}  // namespace batchwise
