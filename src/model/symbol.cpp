// Calling layers on tensors: how a graph grows.
#include <algorithm>

#include <batchwise/model.h>

#include "layers/named_errors.h"
#include "layers/operations/operation.h"
#include "model/input_layer.h"
#include "model/model_layer.h"

namespace batchwise {
namespace {

// Sizes tried for open dimensions: multiples of 64, so that strides and poolings divide them.
constexpr std::array<int64_t, 2> kTried{256, 320};

const Shape& tried_shape(const Symbol& symbol, size_t t) {
  const Shapes& tried = symbol.node()->tried[t];
  return tried.empty() ? symbol.shape() : tried[static_cast<size_t>(symbol.output())];
}

// Shapes that agree at both sizes, -1 where they do not.
Shapes agreed(const Shapes& a, const Shapes& b) {
  Shapes shapes = a;
  for (size_t i = 0; i < shapes.size(); ++i)
    for (int axis = 0; axis < shapes[i].rank(); ++axis)
      if (shapes[i][axis] != b[i][axis]) shapes[i][axis] = -1;
  return shapes;
}

void build_for_both(Layer& layer, const std::array<Shapes, 2>& inputs, const CallForm& form) {
  const bool fresh = !layer.built();
  layer.build(inputs[0], form);
  try {
    layer.build(inputs[1], form);
  } catch (const Error&) {
    fail(layer.class_name(),
         "the shapes of weights must not depend on a size that an Input leaves open. State the size in Input().");
  }
  if (fresh) layer.set_build_shapes(agreed(inputs[0], inputs[1]));
}

// Among inputs of several dtypes the first one's counts, unless there are floats.
std::vector<DType> dtypes_of(const Layer& layer, const std::vector<Symbol>& inputs, const CallForm& form,
                             size_t outputs) {
  std::vector<DType> dtypes;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (form.role(i) != "mask") dtypes.push_back(inputs[i].dtype());
  if (const auto* operation = dynamic_cast<const Operation*>(&layer))
    return operation->call_dtypes(dtypes, form.without("mask"), outputs);
  const bool floats = std::find(dtypes.begin(), dtypes.end(), DType::Float32) != dtypes.end();
  return layer.output_dtypes(floats ? DType::Float32 : dtypes.front(), outputs);
}

// Attention takes two masks also where a key is the third tensor.
void check_masks(const Layer& layer, const CallForm& form) {
  const auto masks = std::count(form.roles.begin(), form.roles.end(), "mask"),
             tensors = std::count(form.roles.begin(), form.roles.end(), "");
  require(masks == 0 || masks == tensors || (masks == 2 && tensors == 3), layer.class_name(),
          "a call must state one mask for each tensor of its first argument, or none. Got ", masks, " for ", tensors,
          ". A mask that is true everywhere leaves nothing out.");
}

}  // namespace

const Shape& Symbol::shape() const { return node_->output_shapes[static_cast<size_t>(output_)]; }
DType Symbol::dtype() const { return node_->dtypes[static_cast<size_t>(output_)]; }

Symbol Input(const Shape& shape, const InputOptions& options) {
  for (int64_t dim : shape)
    require(dim > 0 || dim == -1, "Input",
            "dimensions of a sample must be positive, or -1 for one that the data bring, without the batch. Got ",
            shape, ".");
  auto node = std::make_shared<GraphNode>();
  node->layer = std::make_shared<InputLayer>(shape, options.dtype);
  node->layer->set_name(options.name);
  node->layer->build({});
  node->output_shapes = {shape};
  node->dtypes = {options.dtype};
  for (size_t t = 0; t < kTried.size() && !shape.known(); ++t) {
    Shape tried = shape;
    for (int axis = 0; axis < shape.rank(); ++axis)
      if (tried[axis] < 0) tried[axis] = kTried[t];
    node->tried[t] = {tried};
  }
  return Symbol(node, 0);
}

std::vector<Symbol> LayerRef::outputs(const std::vector<Symbol>& inputs, const CallForm& form) const {
  require(!inputs.empty(), layer_->class_name(), "a layer is called on at least one tensor. Got none.");
  require(form.roles.empty() || form.roles.size() == inputs.size(), layer_->class_name(),
          "a call must say the role of each of its ", inputs.size(), " tensors. Got ", form.roles.size(), ".");
  check_masks(*layer_, form);
  auto node = std::make_shared<GraphNode>();
  node->layer = layer_;
  node->inputs = inputs;
  node->form = form;
  Shapes shapes;
  std::array<Shapes, 2> tried;
  bool open = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    require(inputs[i].node() != nullptr, layer_->class_name(),
            "inputs must come from Input() or another layer. Got an empty tensor.");
    if (form.role(i) == "mask")
      require(inputs[i].dtype() == DType::Bool, layer_->class_name(), "a mask must be of dtype bool. Got ",
              inputs[i].dtype(), ".");
    if (form.role(i) == "mask") continue;
    require(
        inputs[i].dtype() != DType::String || layer_->takes_text(), layer_->class_name(),
        "text must first become numbers, by TextVectorization, StringLookup or Hashing. Got an input of dtype string.");
    shapes.push_back(inputs[i].shape());
    open = open || !inputs[i].node()->tried[0].empty();
    for (size_t t = 0; t < tried.size(); ++t) tried[t].push_back(tried_shape(inputs[i], t));
  }
  const CallForm own = form.without("mask");
  naming_errors(*layer_, [&] {
    if (open) {
      for (size_t t = 0; t < tried.size(); ++t) node->tried[t] = layer_->call_shapes(tried[t], own);
      node->output_shapes = agreed(node->tried[0], node->tried[1]);
      build_for_both(*layer_, tried, own);
    } else {
      node->output_shapes = layer_->call_shapes(shapes, own);
      layer_->build(shapes, own);
    }
  });
  node->dtypes = dtypes_of(*layer_, inputs, form, node->output_shapes.size());
  std::vector<Symbol> made;
  for (size_t i = 0; i < node->output_shapes.size(); ++i) made.emplace_back(node, static_cast<int>(i));
  return made;
}

Symbol LayerRef::operator()(const std::vector<Symbol>& inputs, const CallForm& form) const {
  return outputs(inputs, form).front();
}

LayerRef::LayerRef(const Model& model) : layer_(std::make_shared<ModelLayer>(model)) {}

LayerRef LayerRef::named(std::string name) const {
  layer_->set_name(std::move(name));
  return *this;
}

LayerRef LayerRef::dtype_policy(std::string_view name) const {
  layer_->set_dtype_policy_throughout(dtype_policy_named(name, layer_->class_name()));
  return *this;
}

LayerRef make_layer(const Spec& spec) {
  const auto policy = spec.class_name == "InputLayer" || spec.class_name.starts_with("ops.")
                          ? std::nullopt
                          : dtype_policy_of(spec.config.find("dtype"), spec.class_name);
  const LayerRef made(std::shared_ptr<Layer>(Registry<Layer>::instance().make(spec, "layer")));
  if (policy) made.layer()->set_dtype_policy_throughout(*policy);
  return made;
}

}  // namespace batchwise
