// What the global pooling layers share.
#include "layers/global_pooling_layer.h"

#include "layers/arguments.h"
#include "layers/window_arguments.h"

namespace batchwise {

GlobalPoolingLayer::GlobalPoolingLayer(std::string_view name, int rank, MakeKernel make_kernel, const Config& config,
                                       MakeKernel masked)
    : name_(name), rank_(rank), make_kernel_(make_kernel), masked_(masked) {
  require_known_keys(name_, config, {"data_format", "keepdims"});
  channels_first_ = is_channels_first(name_, config);
  keep_dimensions_ = config.get("keepdims", false);
}

Config GlobalPoolingLayer::config() const {
  return Config::object({{"data_format", data_format_name(channels_first_)}, {"keepdims", keep_dimensions_}});
}

Shape GlobalPoolingLayer::output_of(const Shape& channels_last) const {
  std::vector<int64_t> dims(keep_dimensions_ ? static_cast<size_t>(rank_) : 0, 1);
  dims.push_back(channels_last.back());
  return Shape(std::span<const int64_t>(dims));
}

Shapes GlobalPoolingLayer::output_shapes(const Shapes& inputs) const {
  const Shape shape = channels_last(one_input(name_, inputs), channels_first_);
  require_spatial(name_, shape, rank_);
  for (int axis = 0; axis < rank_; ++axis)
    require(shape[axis] > 0, name_, "the input must not be empty. Got ", inputs[0], ".");
  return {as_given(output_of(shape), channels_first_ && keep_dimensions_)};
}

std::vector<Value> GlobalPoolingLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  const Value mask = lowering.mask(inputs[0]);
  const Value input = to_channels_last(name_, lowering, inputs[0], channels_first_);
  const Shape shape = lowering.type(input).shape;
  // Only steps are masked: the rows of a line.
  const bool masked = masked_ && mask.index >= 0;
  require(!masked || !channels_first_, name_,
          "a mask has the first axes of what it masks, and channels are no steps: data_format must be channels_last. "
          "Got channels_first and a mask.");
  const Value made = masked ? lowering.add1(masked_(shape, output_of(shape), lowering.grain()), {input, mask})
                            : lowering.add1(make_kernel_(shape, output_of(shape), lowering.grain()), {input});
  return {to_given(lowering, made, channels_first_ && keep_dimensions_)};
}

std::vector<Config> GlobalPoolingLayer::examples() {
  return {Config(Config::Object{}), Config::object({{"keepdims", true}}),
          Config::object({{"keepdims", true}, {"data_format", "channels_first"}})};
}

}  // namespace batchwise
