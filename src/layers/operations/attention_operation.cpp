// DotProductAttention: every query's mean of the values, weighted by how it fits their keys.
#include <cmath>

#include "kernels/arrangement.h"
#include "kernels/attention.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class AttentionOperation final : public Operation {
 public:
  AttentionOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"is_causal", "flash_attention", "attn_logits_soft_cap"}),
        causal_(config.get("is_causal", false)) {
    for (const char* name : {"flash_attention", "attn_logits_soft_cap"}) {
      const Config* value = config.find(name);
      require(!value || value->is_null() || *value == Config(false), key, name, " must be null. Got ",
              value ? value->text() : "", ".");
    }
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const auto found = operands(form, inputs.size(), {"query", "key", "value", "bias", "mask", "scale"});
    require(inputs.size() == 3 && found[0].tensor == 0 && found[1].tensor == 1 && found[2].tensor == 2, key(),
            "the operation takes a query, a key and a value. Got ", inputs.size(), " tensors.");
    require(!found[3].given(), key(), "bias must be none. Got one.");
    const Shape &query = inputs[0], &keys = inputs[1], &values = inputs[2];
    bool fits = query.rank() == 3 && keys.rank() == 3 && values.rank() == 3;
    fits = fits && keys[0] == values[0] && keys[1] == values[1] && query[2] == keys[2] && query[1] % keys[1] == 0;
    require(fits, key(), "samples must be (steps, heads, numbers) that fit together. Got ", query, ", ", keys, " and ",
            values, ".");
    return {Shape{query[0], query[1], values[2]}};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    std::vector<Value> all;
    Shapes shapes;
    for (const Value input : inputs) {
      all.push_back(as_floats(lowering, input));
      shapes.push_back(lowering.type(all.back()).shape);
    }
    const auto found = operands(lowering.call_form(), 3, {"query", "key", "value", "bias", "mask", "scale"});
    AttentionSpec options;
    options.queries = shapes[0][0];
    options.keys = shapes[1][0];
    options.heads = shapes[0][1];
    options.key_heads = shapes[1][1];
    options.depth = shapes[0][2];
    options.value_depth = shapes[2][2];
    options.scale =
        found[5].given() ? found[5].constant.as_number(key()) : 1 / std::sqrt(static_cast<double>(options.depth));
    options.causal = causal_;
    options.output = call_shapes(shapes, {})[0];
    // A mask of pairs; those of steps that came with the tensors are nothing to an operation.
    const Value mask = lowering.mask(inputs[0]);
    if (mask.index >= 0 && lowering.type(mask).shape.rank() == 3) {
      all.push_back(pair_mask(lowering, mask, options));
      options.pair_mask_heads = lowering.type(all.back()).shape[0];
    }
    options.learns = lowering.learns();
    options.bfloat16 = lowering.bfloat16();
    options.grain = lowering.grain();
    return {lowering.add(make_attention_kernel(options), all)[0]};
  }

 private:
  // (heads or 1, queries, keys), where the given one may repeat.
  Value pair_mask(Lowering& lowering, Value mask, const AttentionSpec& options) const {
    const TensorType type = lowering.type(mask);
    Arrangement elements(type.shape);
    const int64_t wanted[] = {type.shape[0], options.queries, options.keys};
    for (int axis = 0; axis < 3; ++axis) {
      if (type.shape[axis] == wanted[axis]) continue;
      require(type.shape[axis] == 1, key(), "a mask must be of (heads, queries, keys). Got ", type.shape, ".");
      elements.repeat(axis, wanted[axis]);
    }
    require(type.shape[0] == 1 || type.shape[0] == options.heads, key(), "a mask must have one or ", options.heads,
            " heads. Got ", type.shape, ".");
    if (elements.shape == type.shape) return mask;
    return lowering.add1(make_rearrange_kernel("repeat", type, elements.elements(), lowering.grain()), {mask});
  }

  bool causal_;
};

const bool registered = register_operations<AttentionOperation>(
    {"ops.nn.DotProductAttention"}, {Config(Config::Object{}), Config::object({{"is_causal", true}})});

}  // namespace
}  // namespace batchwise
