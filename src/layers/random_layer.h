// What layers that act by chance while training share: a rate and a seed.
#pragma once

#include <optional>
#include <string>

#include <batchwise/layer.h>

namespace batchwise {

class RandomLayer : public Layer {
 public:
  std::string_view class_name() const override { return name_; }
  bool passes_mask() const override { return true; }
  Shapes output_shapes(const Shapes& inputs) const override;

 protected:
  // `rate`: the name of the argument that says how much.
  RandomLayer(std::string name, const Config& config, const char* rate);

  double rate() const { return rate_; }
  Config seed() const { return seed_ ? Config(*seed_) : Config(); }
  bool acts(const Lowering& lowering) const { return lowering.training() && rate_ > 0; }
  uint64_t key(const Lowering& lowering) const;  // of the layer and the seed

 private:
  std::string name_;
  double rate_;
  std::optional<int64_t> seed_;
};

}  // namespace batchwise
