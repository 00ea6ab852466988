// What the attention layers without projections share: a list of query, value and perhaps key; masks that came with
// them.
#pragma once

#include <optional>
#include <string>

#include "kernels/attention.h"

#include <batchwise/layer.h>

namespace batchwise {

class PlainAttentionLayer : public Layer {
 public:
  std::string_view class_name() const override { return name_; }
  bool passes_mask() const override { return true; }
  Shapes output_shapes(const Shapes& inputs) const override { return call_shapes(inputs, {}); }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override;

 protected:
  PlainAttentionLayer(std::string name, const Config& config);
  // How scores are made, and the weights that they need, in the kernel's order.
  virtual void score(AttentionSpec& options, std::vector<std::string>& weights) const = 0;

  double dropout() const { return dropout_; }
  Config seed() const { return seed_ ? Config(*seed_) : Config(); }

 private:
  std::string name_;
  double dropout_;
  std::optional<int64_t> seed_;
};

}  // namespace batchwise
