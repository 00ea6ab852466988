// What padding and cropping layers share: borders of zeros put around a line, an image or a volume, or taken away.
#pragma once

#include <string_view>

#include "layers/border_arguments.h"
#include "layers/moving_layer.h"

namespace batchwise {

class BorderLayer : public MovingLayer {
 public:
  Config config() const final;
  static std::vector<Config> examples(std::string_view key, int rank);

 protected:
  BorderLayer(std::string_view name, std::string_view key, int rank, const Config& config);
  Shape moved_shape(const Shape& input) const final;
  Rearrangement moves(const Shape& input) const final;

 private:
  int first_axis() const { return channels_first_ ? 1 : 0; }

  std::string_view key_;  // "padding" or "cropping"
  int rank_, sign_;
  Borders borders_;
  bool has_format_ = true, channels_first_ = false;
};

}  // namespace batchwise
