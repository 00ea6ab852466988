// What the upsampling layers share.
#include "layers/up_sampling_layer.h"

#include <algorithm>

#include "kernels/view.h"
#include "layers/arguments.h"
#include "layers/resize_plan.h"
#include "layers/window_arguments.h"

namespace batchwise {
namespace {

constexpr std::string_view kInterpolations[] = {"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"};

Value seen_as(Lowering& lowering, Value value, const Shape& shape) {
  const TensorType type = lowering.type(value);
  return type.shape == shape ? value : lowering.add1(make_view_kernel(type, shape, lowering.grain()), {value});
}

}  // namespace

UpSamplingLayer::UpSamplingLayer(std::string_view name, int rank, const Config& config) : name_(name) {
  if (rank == 1) require_known_keys(name, config, {"size"});
  else if (rank == 2) require_known_keys(name, config, {"size", "data_format", "interpolation"});
  else require_known_keys(name, config, {"size", "data_format"});
  size_ = positive_ints(name, config, "size", rank, 2);
  channels_first_ = is_channels_first(name, config);
  interpolation_ = config.get("interpolation", "nearest");
  require(
      std::find(std::begin(kInterpolations), std::end(kInterpolations), interpolation_) != std::end(kInterpolations),
      name, "interpolation must be nearest, bilinear, bicubic, lanczos3 or lanczos5. Got \"", interpolation_, "\".");
}

Config UpSamplingLayer::config() const {
  if (size_.size() == 1) return Config::object({{"size", size_[0]}});
  Config config = Config::object({{"size", ints_config(size_)}, {"data_format", data_format_name(channels_first_)}});
  if (size_.size() == 2) config.set("interpolation", interpolation_);
  return config;
}

Shapes UpSamplingLayer::output_shapes(const Shapes& inputs) const {
  Shape shape = channels_last(one_input(name_, inputs), channels_first_);
  require_spatial(name_, shape, static_cast<int>(size_.size()));
  for (size_t a = 0; a < size_.size(); ++a) shape[static_cast<int>(a)] *= size_[a];
  require(shape.count() > 0, name_, "the input must not be empty. Got ", inputs[0], ".");
  return {as_given(shape, channels_first_)};
}

std::vector<Value> UpSamplingLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  const Value input = to_channels_last(name_, lowering, inputs[0], channels_first_);
  const Shape shape = lowering.type(input).shape,
              output = channels_last(output_shapes({lowering.type(inputs[0]).shape})[0], channels_first_);
  const auto enlarged = [&](Value image, int64_t down, int64_t across) {
    const TensorType& type = lowering.type(image);
    ResizePlan plan = plan_resize({.height = type.shape[0] * down,
                                   .width = type.shape[1] * across,
                                   .interpolation = interpolation_named(interpolation_)},
                                  type.shape);
    return lowering.add1(
        make_image_sampling_kernel(std::move(plan.rows), std::move(plan.columns), 0, type, lowering.grain()), {image});
  };
  Value value = input;
  if (size_.size() == 1) {
    value = enlarged(seen_as(lowering, value, {shape[0], 1, shape[1]}), size_[0], 1);
  } else if (size_.size() == 2) {
    value = enlarged(value, size_[0], size_[1]);
  } else {
    // Planes are repeated first; then all their rows lie as those of one high image.
    const int64_t row = shape[2] * shape[3];
    value = enlarged(seen_as(lowering, value, {shape[0], 1, shape[1] * row}), size_[0], 1);
    value = enlarged(seen_as(lowering, value, {output[0] * shape[1], shape[2], shape[3]}), size_[1], size_[2]);
  }
  return {to_given(lowering, seen_as(lowering, value, output), channels_first_)};
}

std::vector<Config> UpSamplingLayer::examples(int rank) {
  if (rank == 1) return {Config::object({{"size", 3}})};
  std::vector<Config> all = {Config(Config::Object{}),
                             Config::object({{"size", 3}, {"data_format", "channels_first"}})};
  if (rank == 2)
    for (const char* method : {"bilinear", "bicubic", "lanczos3"})
      all.push_back(Config::object({{"interpolation", method}}));
  return all;
}

}  // namespace batchwise
