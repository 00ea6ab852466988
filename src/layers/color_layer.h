// What augmentations of colors share: a factor, the range of values that is kept to, and one kernel in training alone.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernels/color_shift.h"
#include "layers/augmentation.h"

namespace batchwise {

class ColorLayer : public Layer {
 public:
  // `where`: the class's name, which lives as long as the program.
  ColorLayer(const char* where, const Config& config, const FactorRange& factor);

  std::string_view class_name() const override { return where_; }
  Config config() const override;
  Shapes output_shapes(const Shapes& inputs) const override;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override;

 protected:
  using Shift = std::function<ColorShift(const std::array<float, 4>& drawn)>;
  virtual Shift shift() const = 0;  // of one image; the kernel keeps it longer than the layer may live
  const FactorRange& factor() const { return factor_; }
  float range() const { return most_ - least_; }

 private:
  const char* where_;
  FactorRange factor_;
  float least_ = 0, most_ = 255;
  std::optional<int64_t> seed_;
};

}  // namespace batchwise
