// Facts about attention: masks hide, dropout is addressed, and memory does not hold a matrix of all scores.
#include "kernels/attention.h"

#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> attention(const char* name, const Config& config) {
  auto layer = Registry<Layer>::instance().make({name, config}, "test");
  layer->set_name("attention");
  return layer;
}

AttentionSpec self_attention(int64_t steps) {
  AttentionSpec options;
  options.queries = options.keys = steps;
  options.heads = options.key_heads = 2;
  options.depth = options.value_depth = 8;
  options.output = {steps, 2, 8};
  return options;
}

TEST(Attention, MemoryGrowsWithTheStepsNotWithTheirSquare) {
  const auto bytes = [](int64_t steps) {
    const KernelMemory memory = make_attention_kernel(self_attention(steps))->memory();
    EXPECT_EQ(memory.saved, 0);
    return std::max(memory.forward_scratch, memory.backward_scratch);
  };
  EXPECT_LE(bytes(4096), 2 * bytes(2048));
}

TEST(Attention, HiddenValuesChangeNothing) {
  const auto layer = attention("Attention", Config(Config::Object{}));
  const Array query = random_array({3, 40, 6}, 1), value = random_array({3, 5, 6}, 2);
  Array changed = value.clone(), mask(DType::Bool, {3, 5}), all(DType::Bool, {3, 40});
  std::fill_n(reinterpret_cast<uint8_t*>(all.raw()), all.count(), uint8_t{1});
  for (int64_t i = 0; i < mask.count(); ++i) reinterpret_cast<uint8_t*>(mask.raw())[i] = i % 5 < 3;
  for (int64_t i = 0; i < 3; ++i)
    for (int64_t e = 18; e < 30; ++e) changed.data<float>()[i * 30 + e] = 9;
  const TrialOptions options{.grain = 2, .training = false, .masks = {all, mask}};
  const Array a = try_layer(*layer, {query, value}, {}, {}, options).outputs[0],
              b = try_layer(*layer, {query, changed}, {}, {}, options).outputs[0];
  for (int64_t i = 0; i < a.count(); ++i) EXPECT_EQ(a.data<float>()[i], b.data<float>()[i]);
}

CallForm with_two_masks() {
  CallForm form;
  form.roles = {"", "", "mask", "mask"};
  return form;
}

// True for the steps of a sample before `count`.
Array first_steps(const Shape& shape, int64_t count) {
  Array mask(DType::Bool, shape);
  for (int64_t i = 0; i < mask.count(); ++i) reinterpret_cast<uint8_t*>(mask.raw())[i] = i % shape[1] < count;
  return mask;
}

TEST(Attention, TheMasksThatACallStatesAreThoseOfTheQueryAndTheValue) {
  const Array query = random_array({3, 7, 6}, 1), value = random_array({3, 5, 6}, 2);
  const Array of_query = first_steps({3, 7}, 6), of_value = first_steps({3, 5}, 3);
  for (const char* name : {"Attention", "AdditiveAttention"}) {
    const auto layer = attention(name, Config(Config::Object{}));
    const std::vector<Array> weights = trial_weights(*layer, {{7, 6}, {5, 6}});
    const auto run = [&](const std::vector<Array>& tensors, const std::vector<Array>& masks, const CallForm& form) {
      const TrialOptions options{.grain = 2, .training = false, .form = form, .masks = masks};
      return values(try_layer(*layer, tensors, weights, {}, options).outputs[0]);
    };
    const std::vector<float> stated = run({query, value, of_query, of_value}, {}, with_two_masks());
    EXPECT_EQ(stated, run({query, value}, {of_query, of_value}, {})) << name;
    EXPECT_NE(stated, run({query, value}, {of_query}, {})) << name;
  }
}

// A layer that is the query and the value of an attention, with a mask for each.
class AttentionToItself final : public Layer {
 public:
  std::string_view class_name() const override { return "AttentionToItself"; }
  Config config() const override { return Config(Config::Object{}); }
  Shapes output_shapes(const Shapes& inputs) const override { return {inputs[0]}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    return lowering.lower_part(*part_, {inputs[0], inputs[0], inputs[1], inputs[2]}, with_two_masks());
  }

 private:
  std::unique_ptr<Layer> part_ = attention("Attention", Config(Config::Object{}));
};

TEST(Attention, OneTensorMayHaveTwoMasks) {
  AttentionToItself itself;
  itself.set_name("itself");
  const auto layer = attention("Attention", Config(Config::Object{}));
  layer->build({{5, 6}, {5, 6}});
  const Array x = random_array({3, 5, 6}, 1), of_query = first_steps({3, 5}, 4), of_value = first_steps({3, 5}, 2);
  const Array a = try_layer(itself, {x, of_query, of_value}, {}, {}, {.training = false}).outputs[0],
              b = try_layer(*layer, {x, x}, {}, {}, {.training = false, .masks = {of_query, of_value}}).outputs[0];
  EXPECT_EQ(values(a), values(b));
}

TEST(Attention, ACausalMaskHidesWhatComesLater) {
  const auto layer = attention("MultiHeadAttention", Config::object({{"num_heads", 2}, {"key_dim", 3}}));
  CallForm form;
  form.roles = {"", "value"};
  form.arguments.set("use_causal_mask", true);
  const Array x = random_array({1, 50, 4}, 1);
  Array later = x.clone();
  for (int64_t e = 40 * 4; e < 50 * 4; ++e) later.data<float>()[e] += 1;
  layer->build({{50, 4}, {50, 4}}, form);
  std::vector<Array> weights;
  for (const auto& weight : layer->weights()) weights.push_back(random_array(weight->spec.shape, weights.size() + 5));
  const TrialOptions options{.grain = 1, .training = false, .form = form};
  const Array a = try_layer(*layer, {x, x}, weights, {}, options).outputs[0],
              b = try_layer(*layer, {later, later}, weights, {}, options).outputs[0];
  for (int64_t e = 0; e < 40 * 4; ++e) EXPECT_EQ(a.data<float>()[e], b.data<float>()[e]) << e;
  EXPECT_NE(a.data<float>()[45 * 4], b.data<float>()[45 * 4]);
}

TEST(Attention, DropoutOfWeightsDependsOnTheSampleNotOnTheGrain) {
  const auto layer = attention("Attention", Config::object({{"dropout", 0.5}}));
  const Array query = random_array({7, 5, 6}, 1), value = random_array({7, 9, 6}, 2), dy = random_array({7, 5, 6}, 3);
  const TrialResult whole = try_layer(*layer, {query, value}, {}, {dy}, {.grain = 8}),
                    split = try_layer(*layer, {query, value}, {}, {dy}, {.grain = 2}),
                    calm = try_layer(*layer, {query, value}, {}, {}, {.grain = 2, .training = false});
  EXPECT_EQ(values(whole.outputs[0]), values(split.outputs[0]));
  EXPECT_EQ(values(whole.input_gradients[1]), values(split.input_gradients[1]));
  EXPECT_NE(values(whole.outputs[0]), values(calm.outputs[0]));
}

TEST(Attention, QueriesAndKeysThatDoNotFitAreRefused) {
  const auto layer = attention("Attention", Config(Config::Object{}));
  EXPECT_THROW(layer->output_shapes({{4, 6}, {5, 7}}), Error);
  EXPECT_THROW(layer->output_shapes({{4, 6}}), Error);
  EXPECT_THROW(attention("MultiHeadAttention", Config::object({{"num_heads", 0}, {"key_dim", 3}})), Error);
  EXPECT_THROW(attention("GroupQueryAttention",
                         Config::object({{"head_dim", 2}, {"num_query_heads", 3}, {"num_key_value_heads", 2}})),
               Error);
}

}  // namespace
}  // namespace batchwise
