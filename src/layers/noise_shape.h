// The shape in which noise is drawn: where it has 1, several elements share a draw.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <batchwise/layer.h>

namespace batchwise {

class NoiseShape {
 public:
  NoiseShape() = default;
  NoiseShape(std::string_view layer, const Config& config);  // "noise_shape": a list with the batch, or null

  Config config() const;
  bool stated() const { return !dims_.empty(); }
  Shape of_sample(std::string_view layer, const Shape& input) const;  // throws where it does not fit

 private:
  std::vector<Config> dims_;
};

}  // namespace batchwise
