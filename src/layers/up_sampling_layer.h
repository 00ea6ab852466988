// What the upsampling layers share: lines, images and volumes made larger by whole factors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <batchwise/layer.h>

namespace batchwise {

class UpSamplingLayer : public Layer {
 public:
  std::string_view class_name() const final { return name_; }
  Config config() const final;
  Shapes output_shapes(const Shapes& inputs) const final;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const final;

  static std::vector<Config> examples(int rank);

 protected:
  UpSamplingLayer(std::string_view name, int rank, const Config& config);

 private:
  std::string_view name_;
  std::vector<int64_t> size_;  // per axis
  std::string interpolation_;
  bool channels_first_ = false;
};

}  // namespace batchwise
