// What the attention layers with projections share: queries, keys and values go through dense layers of their own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernels/attention.h"
#include "layers/einsum_dense.h"

namespace batchwise {

class ProjectedAttentionLayer : public Layer {
 public:
  bool passes_mask() const override { return true; }
  Shapes output_shapes(const Shapes& inputs) const override { return call_shapes(inputs, {}); }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override;
  std::vector<Part> parts() const override;  // none before it is built
  void build_parts(const Shapes& inputs, const CallForm& form) override;

 protected:
  struct Settings {
    int64_t heads = 0, key_heads = 0;
    int64_t depth = 0, value_depth = 0;
    std::vector<int64_t> output_shape;    // empty: the query's last axis
    std::vector<int64_t> attention_axes;  // as Keras counts them; empty: all between the batch and the last
    std::optional<int64_t> window;
    double dropout = 0;
    bool use_bias = true, use_gate = false;
    bool own_query_mask = true;  // a query mask that the call states counts, not only one that came with the query
  };
  // Reads what both kinds have; `settings` says the rest.
  ProjectedAttentionLayer(std::string name, const Config& config, Settings settings);

  const std::string& class_text() const { return name_; }
  const Settings& settings() const { return settings_; }
  void append_shared(Config& config) const;  // arguments that both kinds have

 private:
  struct Call;
  struct Axes;
  Call read(const CallForm& form, size_t tensors) const;
  Axes axes_of(const Shape& query) const;
  Config projection(const Shape& input, int bound, const std::vector<int64_t>& units) const;
  Value pair_mask(Lowering& lowering, Value mask, const Shape& query, const Shape& value) const;
  Value moved(Lowering& lowering, Value value, const Axes& axes, bool back) const;

  std::string name_;
  Settings settings_;
  Config shared_;  // kernel_initializer, ...
  std::optional<int64_t> seed_;
  std::vector<Part> parts_;  // layers: null before build_parts
};

}  // namespace batchwise
