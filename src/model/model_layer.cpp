// A model as one layer of another.
#include "model/model_layer.h"

#include "model/graph_lowering.h"
#include "model/input_layer.h"
#include "model/layer_names.h"
#include "model/layer_paths.h"

namespace batchwise {
namespace {

ModelStatement statement_of_files = nullptr;

}  // namespace

void set_model_statement(ModelStatement statement) { statement_of_files = statement; }

ModelLayer::ModelLayer(Model model) : model_(std::move(model)) {
  // A model that nobody named is numbered among its kind, as other layers are.
  if (model_.name() != name_stem(*this)) set_name(model_.name());
  const std::vector<std::string> names = layer_file_names(model_.layers(), model_.is_sequential());
  for (size_t i = 0; i < names.size(); ++i) {
    const std::shared_ptr<Layer>& layer = model_.layers()[i];
    // Operations have no place in files.
    if (!names[i].empty() && !dynamic_cast<const InputLayer*>(layer.get()))
      parts_.push_back({"layers/" + names[i], layer});
  }
}

Config ModelLayer::config() const {
  Config config = statement_of_files ? statement_of_files(model_) : Config(Config::Object{});
  config.set("name", name().empty() ? model_.name() : name());
  config.set("trainable", trainable());
  return config;
}

bool ModelLayer::takes_text() const {
  for (const Symbol& input : model_.inputs())
    if (input.dtype() == DType::String) return true;
  return false;
}

Shapes ModelLayer::output_shapes(const Shapes& inputs) const {
  require(inputs.size() == model_.inputs().size(), model_.name(), "the model takes ", model_.inputs().size(),
          " tensors. Got ", inputs.size(), ".");
  const Model sized = sized_for(inputs);
  Shapes shapes;
  for (const Symbol& output : sized.outputs()) shapes.push_back(output.shape());
  return shapes;
}

Model ModelLayer::sized_for(const Shapes& inputs) const {
  bool stated = true;
  for (size_t i = 0; i < inputs.size(); ++i) stated = stated && inputs[i] == model_.inputs()[i].shape();
  return stated ? model_ : model_.for_shapes(inputs);
}

std::vector<DType> ModelLayer::output_dtypes(DType, size_t) const {
  std::vector<DType> dtypes;
  for (const Symbol& output : model_.outputs()) dtypes.push_back(output.dtype());
  return dtypes;
}

std::vector<Value> ModelLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  return lower_graph(lowering, model_, inputs);
}

}  // namespace batchwise
