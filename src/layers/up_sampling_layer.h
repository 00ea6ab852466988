// What the upsampling layers share: every position of a line, an image or a volume several times.
#pragma once

#include <string_view>
#include <vector>

#include "layers/moving_layer.h"

namespace batchwise {

class UpSamplingLayer : public MovingLayer {
 public:
  Config config() const final;
  static std::vector<Config> examples(int rank);

 protected:
  UpSamplingLayer(std::string_view name, int rank, const Config& config);
  Shape moved_shape(const Shape& input) const final;
  Rearrangement moves(const Shape& input) const final;

 private:
  int first_axis() const { return channels_first_ ? 1 : 0; }

  std::vector<int64_t> size_;  // per axis
  bool channels_first_ = false;
};

}  // namespace batchwise
