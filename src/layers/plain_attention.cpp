// What the attention layers without projections share.
#include "layers/plain_attention.h"

#include "base/random.h"
#include "kernels/relation.h"
#include "kernels/view.h"
#include "layers/attention_call.h"

namespace batchwise {

PlainAttentionLayer::PlainAttentionLayer(std::string name, const Config& config)
    : name_(std::move(name)), dropout_(config.get("dropout", 0.0)) {
  require(dropout_ >= 0 && dropout_ <= 1, name_, "dropout must be in [0, 1]. Got ", dropout_, ".");
  if (const Config* seed = config.find("seed"); seed && !seed->is_null()) seed_ = seed->as_int(name_ + ".seed");
}

Shapes PlainAttentionLayer::call_shapes(const Shapes& inputs, const CallForm& form) const {
  const AttentionCall call = read_attention_call(name_, form, inputs.size(), true);
  const Shape &query = inputs[0], &value = inputs[1], &key = call.key < 0 ? value : inputs[2];
  require(query.rank() == 2 && value.rank() == 2 && key.rank() == 2, name_,
          "query, value and key must have shape (steps, features). Got ", query, ", ", value, " and ", key, ".");
  require(value[0] == key[0] && query[1] == key[1], name_,
          "value and key must have the same steps, query and key the same features. Got ", query, ", ", value, " and ",
          key, ".");
  Shapes shapes{{query[0], value[1]}};
  if (call.scores) shapes.push_back({query[0], value[0]});
  return shapes;
}

std::vector<Value> PlainAttentionLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  const AttentionCall call = read_attention_call(name_, lowering.call_form(), inputs.size(), true);
  std::vector<Value> operands{inputs[0], call.key < 0 ? inputs[1] : inputs[2], inputs[1]};
  const Shape query = lowering.type(operands[0]).shape, value = lowering.type(operands[2]).shape;
  AttentionSpec options;
  options.queries = query[0];
  options.keys = value[0];
  options.depth = query[1];
  options.value_depth = value[1];
  options.causal = call.causal;
  options.masked = MaskedScore::Lowered;
  options.dropout = lowering.training() ? dropout_ : 0;
  options.key = seed_ ? mix(lowering.layer_key(), static_cast<uint64_t>(*seed_)) : lowering.layer_key();
  options.learns = lowering.learns();
  options.returns_scores = call.scores;
  options.scores_after_dropout = true;
  options.output = {query[0], value[1]};
  options.scores = {query[0], value[0]};
  options.grain = lowering.grain();
  options.bfloat16 = lowering.bfloat16();
  std::vector<std::string> weights;
  score(options, weights);
  if (const Value mask = lowering.mask(inputs[1]); mask.index >= 0) {
    require(lowering.type(mask).shape == Shape{value[0]}, name_, "the value's mask must have one entry for each step. ",
            "Got ", lowering.type(mask).shape, ".");
    options.key_masks = 1;
    operands.push_back(mask);
  }
  std::vector<Value> attended = lowering.add(make_attention_kernel(options), operands, weights);
  const Value query_mask = lowering.mask(inputs[0]);
  if (query_mask.index >= 0) {
    const Value column =
        lowering.add1(make_view_kernel(lowering.type(query_mask), {query[0], 1}, lowering.grain()), {query_mask});
    attended[0] = lowering.add1(
        make_where_kernel(lowering.type(column), {lowering.type(attended[0]), {}}, {{}, {0.0f}}, lowering.grain()),
        {column, attended[0]});
  }
  if (call.scores) lowering.set_mask(attended[1], Value{});
  return attended;
}

}  // namespace batchwise
