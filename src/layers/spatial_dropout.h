// What the layers that drop whole channels share.
#pragma once

#include "layers/random_layer.h"

namespace batchwise {

class SpatialDropoutLayer : public RandomLayer {
 public:
  SpatialDropoutLayer(const std::string& name, int axes, const Config& config);
  Config config() const override;
  Shapes output_shapes(const Shapes& inputs) const override;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override;

 private:
  int axes_;  // before the channels
};

}  // namespace batchwise
