// What random image layers have in common: ranges to draw from, what lies outside the image, keys of their randomness.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <batchwise/layer.h>

#include "kernels/warp.h"

namespace batchwise {

// A range that a factor is drawn from: one number f stands for (-f, f).
struct FactorRange {
  float lower = 0, upper = 0;
  float at(float unit) const { return lower + (upper - lower) * unit; }
};
// Throws unless the numbers rise and lie in [least, most].
FactorRange read_factor(const std::string& path, const Config& value, double least, double most);
Config config_of(const FactorRange& range);  // as Keras writes it, a pair

// Images of one shape in and out, moved by a map that is drawn for each sample while training; else as they are.
class WarpLayer : public Layer {
 public:
  Shapes output_shapes(const Shapes& inputs) const override;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override;

 protected:
  // Reads fill_mode, fill_value, interpolation, seed and data_format.
  explicit WarpLayer(const Config& config, const char* default_fill = "reflect");
  // The map of one image of shape (H, W, C) as a function of four numbers in [0, 1).
  virtual std::function<WarpMap(const std::array<float, 4>&)> map(const Shape& image) const = 0;
  Config::Object shared_config() const;

 private:
  std::string fill_mode_, interpolation_;
  double fill_value_;
  std::optional<int64_t> seed_;
};

std::optional<int64_t> read_seed(const Config& config, const std::string& path);
uint64_t random_layer_key(const Lowering& lowering, const std::optional<int64_t>& seed);

}  // namespace batchwise
