// Operations that are what a layer without weights is: pooling and resizing.
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class LayerOperation : public Operation {
 public:
  using Operation::Operation;
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    return layer(one(inputs, form))->output_shapes(inputs);
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Shape shape = lowering.type(inputs[0]).shape;
    const std::unique_ptr<Layer> made = layer(shape);
    made->build({shape});
    return lowering.lower_part(*made, {inputs[0]});
  }

 private:
  virtual Spec spec(const Shape& sample) const = 0;
  std::unique_ptr<Layer> layer(const Shape& sample) const {
    std::unique_ptr<Layer> made = Registry<Layer>::instance().make(spec(sample), key());
    made->set_name(std::string(made->class_name()));
    return made;
  }
};

class PoolOperation final : public LayerOperation {
 public:
  PoolOperation(const std::string& key, const Config& config)
      : LayerOperation(key, config, {"pool_size", "strides", "padding", "data_format"}) {
    require_channels_last(key, config);
  }

 private:
  Spec spec(const Shape& sample) const override {
    require(sample.rank() >= 2 && sample.rank() <= 4, key(), "samples must have one to three axes, and channels. Got ",
            sample, ".");
    const std::string name = last_word(key()) == "MaxPool" ? "MaxPooling" : "AveragePooling";
    Config arguments = config();
    for (const char* shared : {"name", "dtype"}) arguments.erase(shared);
    return {name + std::to_string(sample.rank() - 1) + "D", arguments};
  }
};

class ResizeOperation final : public LayerOperation {
 public:
  ResizeOperation(const std::string& key, const Config& config)
      : LayerOperation(key, config,
                       {"size", "interpolation", "antialias", "crop_to_aspect_ratio", "pad_to_aspect_ratio",
                        "fill_mode", "fill_value", "data_format"}) {
    const std::vector<int64_t> size = number_list(key, config.at("size"));
    require(size.size() == 2, key, "size must be two numbers. Got ", config.at("size").text(), ".");
    arguments_ = config;
    for (const char* other : {"name", "dtype", "size"}) arguments_.erase(other);
    arguments_.set("height", size[0]);
    arguments_.set("width", size[1]);
  }

 private:
  Spec spec(const Shape&) const override { return {"Resizing", arguments_}; }
  Config arguments_;
};

const bool registered =
    register_operations<PoolOperation>(
        {"ops.nn.MaxPool", "ops.nn.AveragePool"},
        {Config::object({{"pool_size", 2}}),
         Config::object({{"pool_size", Config::List{2, 3}}, {"strides", 1}, {"padding", "same"}})}) &&
    register_operations<ResizeOperation>(
        {"ops.image.Resize"}, {Config::object({{"size", Config::List{4, 8}}}),
                               Config::object({{"size", Config::List{3, 4}}, {"interpolation", "nearest"}})});

}  // namespace
}  // namespace batchwise
