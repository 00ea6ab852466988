// Model::save, load, copy, save_weights and load_weights.
#include <algorithm>
#include <ctime>

#include <batchwise/error.h>
#include <batchwise/model.h>

#include "base/input_file.h"
#include "base/utf8.h"
#include "formats/keras/keras_archive.h"
#include "formats/safetensors/safetensors.h"
#include "model/held_weights.h"
#include "model/model_impl.h"
#include "saving/class_names.h"
#include "saving/compile_config.h"
#include "saving/file_objects.h"
#include "saving/idf_weights.h"
#include "saving/legacy_file.h"
#include "saving/model_config.h"
#include "saving/model_reader.h"
#include "saving/onnx/onnx_export.h"
#include "saving/weight_tree.h"
#include "saving/weights_file.h"

namespace batchwise {
namespace {

constexpr const char* kWrittenAs = "3.3.0";  // the oldest Keras that the form of our files is made for

int64_t weight_bytes(const Model& model) {
  int64_t floats = model.num_parameters();
  for (const auto& [name, slot] : model.optimizer_state().slots) floats += static_cast<int64_t>(slot.size());
  return floats * 4;
}

bool is_hdf5(const std::string& path) {
  const InputFile file(path);
  std::string start(static_cast<size_t>(std::min<int64_t>(file.size(), 4)), '\0');
  if (!start.empty()) file.read_at(0, start.data(), static_cast<int64_t>(start.size()));
  return start == "\x89HDF";
}

// All weights by their paths, and nothing else.
void read_tensors(const SafetensorsReader& file, const Model& model, const std::string& where) {
  std::vector<std::pair<Variable*, std::vector<float>>> read;
  for (const auto& weight : model.weights())
    read.emplace_back(weight.get(), file.floats(weight->path, weight->spec.shape));
  require(file.arrays().size() == read.size(), where, "the file must hold the ", read.size(),
          " weights of this model only. Got ", file.arrays().size(), " arrays.");
  for (auto& [variable, values] : read) variable->value = std::move(values);
}

std::string date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d@%H:%M:%S", &parts);
  return text;
}

// Where Keras looks for them: TextVectorization also asks the lookup layer inside it.
std::vector<std::string> asset_folders(const WeightGroup& group, const Layer& layer) {
  const std::string own = group.path.substr(0, group.path.size() - std::string_view("/vars").size());
  if (layer.class_name() != "TextVectorization") return {own};
  return {own, own + "/_lookup_layer"};
}

// Weights of tokens lie among the arrays.
bool is_file(const Asset& asset) { return asset.name.ends_with(".txt"); }

void write_assets(KerasArchiveWriter& archive, const Model& model) {
  for (const WeightGroup& group : weight_groups(model))
    for (const Asset& asset : group.layer ? group.layer->assets() : std::vector<Asset>())
      for (const std::string& folder : is_file(asset) ? asset_folders(group, *group.layer) : std::vector<std::string>())
        archive.add_asset(folder, asset.name, asset.contents);
}

void read_assets(const KerasArchiveReader& archive, const Hdf5Reader& weights, const Model& model) {
  for (const WeightGroup& group : weight_groups(model)) {
    if (!group.layer) continue;
    std::vector<Asset> assets;
    for (const std::string& folder : asset_folders(group, *group.layer)) {
      if (!assets.empty()) break;
      for (auto& [name, contents] : archive.assets(folder)) assets.push_back({name, std::move(contents)});
    }
    try {
      for (Asset& idf : read_idf_weights(weights, group)) assets.push_back(std::move(idf));
      group.layer->load_assets(assets);
    } catch (const Error& error) { fail(archive.path() + ": layer \"" + group.layer->name() + "\"", error.what()); }
  }
}

void require_values(const Model& model) {
  if (!model.initialized()) require_not_held(model, "save");
  require(model.initialized(), "save",
          "the weights must have values: call initialize(seed) or load them. Got a model without.");
}

// Files name layers and weights in JSON and protocol buffers.
void require_names(const Config& statement) {
  require_utf8(statement, "save", "Give the layer or the class another name.");
}

}  // namespace

void save_with_class_names(const Model& model, const std::string& path, const std::vector<std::string>& class_names) {
  const bool legacy = (path.ends_with(".h5") || path.ends_with(".hdf5")) && !path.ends_with(".weights.h5");
  require(path.ends_with(".keras") || legacy, "save", "the path must end in .keras, or in .h5. Got \"", path, "\".",
          path.ends_with(".weights.h5") ? " Weights alone are written by save_weights." : "");
  require_values(model);
  Config config = model_config(model);
  require_names(config);
  if (legacy) {
    require(class_names.empty(), "save", "names of classes have no place in .h5 files. Save to .keras.");
    for (const WeightGroup& group : weight_groups(model))
      for (const Asset& asset : group.layer ? group.layer->assets() : std::vector<Asset>())
        require(!is_file(asset), "save", "the layer \"", group.name,
                "\" keeps a vocabulary, which has no place in .h5 files. Save to .keras.");
    AtomicFile file(path);
    Hdf5Writer writer(file, 0);
    write_legacy(writer, model, kWrittenAs);
    writer.finish();
    file.commit();
    return;
  }
  Config metadata = Config::object({{"keras_version", kWrittenAs}, {"date_saved", date()}});
  Config own{Config::Object{}};
  if (const Config extensions = layer_extensions(model); !extensions.as_object().empty()) own.set("layers", extensions);
  if (!class_names.empty()) own.set("class_names", Config(Config::List(class_names.begin(), class_names.end())));
  if (!own.as_object().empty()) metadata.set("batchwise", own);
  require_names(metadata);
  config.set("compile_config", compile_config(model));
  KerasArchiveWriter archive(path, metadata, config, weight_bytes(model));
  write_weights(archive.weights(), model);
  write_assets(archive, model);
  archive.commit();
}

void Model::save(const std::string& path) const { save_with_class_names(*this, path, {}); }

std::vector<std::string> class_names_in(const std::string& path) {
  std::vector<std::string> names;
  if (!path.ends_with(".keras") || is_hdf5(path)) return names;
  const KerasArchiveReader archive(path);
  const Config* own = archive.metadata().find("batchwise");
  const Config* list = own ? own->find("class_names") : nullptr;
  if (list)
    for (const Config& name : list->as_list("class_names")) names.push_back(name.as_string());
  return names;
}

Model Model::load(const std::string& path) {
  if (is_hdf5(path)) {
    LegacyModel legacy = read_legacy(Hdf5Reader(path), path);
    legacy.model.impl_->compiled = std::move(legacy.compiled);
    legacy.model.optimizer_state() = std::move(legacy.state);
    return legacy.model;
  }
  const KerasArchiveReader archive(path);
  require_known_objects(archive.config(), path);
  const Config* own = archive.metadata().find("batchwise");
  const Config* extensions = own ? own->find("layers") : nullptr;
  Model model = read_model(archive.config(), {path, extensions ? *extensions : Config()});
  // Weights and at most five more values per weight, and HDF5's own: what unpacking a compressed archive may take.
  const Hdf5Reader weights = archive.weights(model.num_parameters() * 4 * 6 + (int64_t{16} << 20));
  read_assets(archive, weights, model);
  model.impl_->compiled = read_compile_config(archive.config().find("compile_config"), model, path);
  read_weights(weights, model);
  if (model.compiled()) model.optimizer_state() = read_optimizer_state(weights, model, path);
  return model;
}

Model Model::copy() const {
  require_not_held(*this, "copy");
  Model made = read_model(model_config(*this), {"copy", layer_extensions(*this)});
  const std::vector<WeightGroup> own = weight_groups(*this), copied = weight_groups(made);
  const auto from = weights(), to = made.weights();
  require(from.size() == to.size() && own.size() == copied.size(), "copy", "a copy must have the ", from.size(),
          " weights of its model. Got ", to.size(), ".");
  for (size_t g = 0; g < own.size(); ++g)
    if (own[g].layer) copied[g].layer->load_assets(own[g].layer->assets());
  for (size_t w = 0; w < from.size(); ++w) {
    to[w]->value = from[w]->value;
    to[w]->measured = from[w]->measured;
  }
  made.impl_->convolution = convolution();
  made.impl_->compiled = compiled();
  made.optimizer_state() = optimizer_state();
  return made;
}

void Model::save_weights(const std::string& path) const {
  const bool tensors = path.ends_with(".safetensors");
  require(tensors || path.ends_with(".weights.h5"), "save_weights",
          "the path must end in .weights.h5 or .safetensors. Got \"", path, "\".");
  require_values(*this);
  require_names(model_config(*this));
  if (tensors) {
    std::vector<SafetensorsFloats> arrays;
    for (const auto& weight : weights()) arrays.push_back({weight->path, weight->spec.shape, weight->value});
    write_safetensors(path, arrays, {{"format", "keras"}, {"model", name()}});
    return;
  }
  AtomicFile file(path);
  Hdf5Writer writer(file, 0);
  write_weights(writer, *this);
  writer.finish();
  file.commit();
}

void Model::save_onnx(const std::string& path) const {
  require(path.ends_with(".onnx"), "save_onnx", "the path must end in .onnx. Got \"", path, "\".");
  require_values(*this);
  require_names(model_config(*this));
  write_onnx(*this, path);
}

void Model::load_weights(const std::string& path) {
  require_not_held(*this, "load_weights");
  if (path.ends_with(".safetensors")) {
    read_tensors(SafetensorsReader(path), *this, path);
    return;
  }
  const Hdf5Reader file(path);
  // Legacy files: weights alone, or a whole model's.
  if (file.texts("", "layer_names")) read_legacy_weights(file, "", *this);
  else if (file.has("model_weights")) read_legacy_weights(file, "model_weights", *this);
  else {
    read_weights(file, *this);
    if (compiled() && file.has("optimizer")) {
      OptimizerState state = read_optimizer_state(file, *this, path);
      state.samples = optimizer_state().samples;
      optimizer_state() = std::move(state);
    }
  }
}

}  // namespace batchwise
