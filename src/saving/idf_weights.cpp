// Weights of tokens between layers and weight files.
#include "saving/idf_weights.h"

#include <algorithm>
#include <cstring>

#include <batchwise/error.h>

namespace batchwise {
namespace {

constexpr const char* kName = "idf_weights";
constexpr int64_t kMost = int64_t{1} << 24;  // tokens

}  // namespace

std::vector<std::string> idf_paths(const WeightGroup& group) {
  if (!group.layer || !group.layer->parts().empty()) return {};  // no lookup
  const Config config = group.layer->config();
  const Config* mode = config.find("output_mode");
  if (!mode || *mode != Config("tf_idf")) return {};
  const std::string folder = group.path.substr(0, group.path.size() - std::string_view("/vars").size());
  if (group.layer->class_name() != "TextVectorization") return {folder + "/vars/" + kName};
  return {folder + "/vars/" + kName, folder + "/_lookup_layer/vars/" + kName};
}

void write_idf_weights(Hdf5Writer& out, const WeightGroup& group) {
  const std::vector<std::string> paths = idf_paths(group);
  if (paths.empty()) return;
  for (const Asset& asset : group.layer->assets()) {
    if (asset.name != kName) continue;
    std::vector<float> weights(asset.contents.size() / sizeof(float));
    std::memcpy(weights.data(), asset.contents.data(), weights.size() * sizeof(float));
    for (const std::string& path : paths) {
      out.group(path.substr(0, path.rfind('/')));
      out.floats(path, {static_cast<int64_t>(weights.size())}, weights);
    }
  }
}

std::vector<Asset> read_idf_weights(const Hdf5Reader& in, const WeightGroup& group) {
  for (const std::string& path : idf_paths(group)) {
    if (!in.has(path)) continue;
    const Shape shape = in.shape_of(path);
    require(shape.rank() == 1 && shape[0] <= kMost, path, "weights of tokens must be a list of at most ", kMost,
            ". Got ", shape, ".");
    const std::vector<float> weights = in.floats(path, shape);
    std::string bytes(weights.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), weights.data(), bytes.size());
    return {{kName, std::move(bytes)}};
  }
  return {};
}

void replace_idf_weights(const Hdf5Reader& in, const WeightGroup& group) {
  std::vector<Asset> read = read_idf_weights(in, group);
  if (read.empty()) return;
  for (Asset& asset : group.layer->assets())
    if (asset.name != kName) read.push_back(std::move(asset));
  group.layer->load_assets(read);
}

}  // namespace batchwise
