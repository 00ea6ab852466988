// What the layers that drop whole channels share.
#include "layers/spatial_dropout.h"

#include "kernels/noise.h"
#include "layers/arguments.h"

namespace batchwise {

SpatialDropoutLayer::SpatialDropoutLayer(const std::string& name, int axes, const Config& config)
    : RandomLayer(name, config, "rate"), axes_(axes) {
  require_known_keys(name, config, {"rate", "seed", "data_format"});
  require_channels_last(name, config);
}

Config SpatialDropoutLayer::config() const {
  Config config = Config::object({{"rate", rate()}, {"seed", seed()}});
  if (axes_ > 1) config.set("data_format", "channels_last");
  return config;
}

Shapes SpatialDropoutLayer::output_shapes(const Shapes& inputs) const {
  require_rank(class_name(), one_input(class_name(), inputs), axes_ + 1,
               axes_ == 1   ? "(steps, channels)"
               : axes_ == 2 ? "(height, width, channels)"
                            : "(depth, height, width, channels)");
  return inputs;
}

std::vector<Value> SpatialDropoutLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  if (!acts(lowering)) return {inputs[0]};
  const Value input = lowering.plain(inputs[0]);
  const TensorType& type = lowering.type(input);
  Shape shape = type.shape;
  for (int axis = 0; axis < axes_; ++axis) shape[axis] = 1;
  return {
      lowering.add1(make_noise_kernel(Noise::Dropout, rate(), shape, key(lowering), type, lowering.grain()), {input})};
}

}  // namespace batchwise
