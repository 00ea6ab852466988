// The layer that stands for an input of the model.
#include "model/input_layer.h"

namespace batchwise {
namespace {

Shape shape_of(const Config& config) {
  const Config::List& dims = config.at("batch_shape").as_list("InputLayer.batch_shape");
  require(!dims.empty() && dims.front().is_null(), "InputLayer",
          "the batch dimension must be null: batch size is chosen when training. Write Input(shape=...) instead of "
          "batch_shape. Got ",
          config.at("batch_shape").text(), ".");
  std::vector<int64_t> shape;
  for (size_t i = 1; i < dims.size(); ++i) {
    shape.push_back(dims[i].is_null() ? -1 : dims[i].as_int("InputLayer.batch_shape"));
    require(dims[i].is_null() || shape.back() > 0, "InputLayer", "dimensions must be positive. Got ",
            config.at("batch_shape").text(), ".");
  }
  return Shape(std::span<const int64_t>(shape));
}

}  // namespace

InputLayer::InputLayer(const Config& config)
    : shape_(shape_of(config)), dtype_(dtype_named(config.get("dtype", "float32"))) {}

Config InputLayer::config() const {
  Config::List dims{Config()};
  for (int64_t dim : shape_) {
    if (dim < 0) dims.emplace_back();
    else dims.emplace_back(dim);
  }
  return Config::object({{"batch_shape", dims}, {"dtype", name_of(dtype_)}});
}

DType InputLayer::fed_dtype() const {
  if (dtype_ == DType::Int32 || dtype_ == DType::Int64) return DType::Int32;
  return dtype_ == DType::Bool || dtype_ == DType::String ? dtype_ : DType::Float32;
}

Shapes InputLayer::output_shapes(const Shapes&) const { return {shape_}; }

std::vector<Value> InputLayer::lower(Lowering&, std::span<const Value> inputs) const {
  return {inputs.begin(), inputs.end()};
}

const RegisterLayer<InputLayer> registered{
    "InputLayer", {}, {Config::object({{"batch_shape", Config::List{Config(), Config(4)}}, {"dtype", "float32"}})}};

}  // namespace batchwise
