// Layers and optimizers of one's own with more weights and more arrays than those that come with batchwise.
#include <gtest/gtest.h>

#include "tests/small_models.h"

namespace batchwise {
namespace {

constexpr int kCounters = 20;

// Passes its input on; each of its weights counts batches in its own steps.
class CountingKernel final : public Kernel {
 public:
  CountingKernel(const TensorType& type, int64_t grain) : type_(type), grain_(grain) {}
  std::string_view kind() const override { return "counting"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelMemory memory() const override { return {.shared = 8}; }
  Statistics statistics() const override { return {.forward = 1}; }
  void forward(const ForwardCall& call) const override {
    std::copy_n(static_cast<const float*>(call.inputs[0]), grain_ * type_.shape.count(),
                static_cast<float*>(call.outputs[0]));
    if (call.statistics) call.statistics[0] = 1;
  }
  void backward(const BackwardCall& call) const override {
    if (call.input_gradients[0])
      std::copy_n(static_cast<const float*>(call.output_gradients[0]), grain_ * type_.shape.count(),
                  static_cast<float*>(call.input_gradients[0]));
  }
  void commit(const void*, std::span<float* const> weights) const override {
    for (size_t k = 0; k < weights.size(); ++k) *weights[k] += static_cast<float>(k + 1);
  }

 private:
  TensorType type_;
  int64_t grain_;
};

class Counting : public Layer {
 public:
  explicit Counting(const Config&) {}
  std::string_view class_name() const override { return "Counting"; }
  Config config() const override { return Config(Config::Object{}); }
  Shapes output_shapes(const Shapes& inputs) const override { return inputs; }
  std::vector<VariableSpec> variables(const Shapes&) const override {
    std::vector<VariableSpec> all;
    for (int k = 0; k < kCounters; ++k)
      all.push_back({.name = "counter_" + std::to_string(k), .shape = {1}, .trainable = false});
    return all;
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    std::vector<std::string> names;
    for (int k = 0; k < kCounters; ++k) names.push_back("counter_" + std::to_string(k));
    const Value input = lowering.plain(inputs[0]);
    return lowering.add(std::make_unique<CountingKernel>(lowering.type(input), lowering.grain()), {input}, names);
  }
};
const RegisterLayer<Counting> registered_layer{"Counting"};

// Keeps `arrays` arrays beside each weight, and counts in each.
class Hoarder : public Optimizer {
 public:
  explicit Hoarder(const Config& config)
      : Optimizer(config, {.learning_rate = 0.1}, "Hoarder"), arrays_(config.get("arrays", 1)) {}
  std::string_view class_name() const override { return "Hoarder"; }
  Config config() const override {
    Config config = base_config();
    config.set("arrays", arrays_);
    return config;
  }
  std::vector<SlotSpec> slots(const LearnedVariable&) const override {
    std::vector<SlotSpec> all;
    for (int64_t a = 0; a < arrays_; ++a) all.push_back({.name = "array_" + std::to_string(a)});
    return all;
  }
  void begin(UpdateScalars&) const override {}
  void update(const UpdateScalars&, const UpdateCall& call) const override {
    for (float* slot : call.slots)
      for (int64_t i = 0; i < call.count; ++i) slot[i] += 1;
  }

 private:
  int64_t arrays_;
};
const Register<Optimizer, Hoarder> registered_optimizer{"Hoarder"};

FitOptions two_updates() { return {.batch_size = 8, .epochs = 1, .lanes = 2, .grain = 2, .verbose = 0}; }

Model compiled(const Spec& optimizer) {
  Model model = Sequential({Input({3}), make_layer({"Counting", Config(Config::Object{})}), Dense({.units = 2})});
  model.compile({.optimizer = optimizer, .loss = MeanSquaredError()});
  model.initialize(1);
  return model;
}

Dataset samples() { return Dataset(waves({16, 3}, 0.1), waves({16, 2}, 0.2)); }

TEST(OwnLayer, MayHaveAnyNumberOfWeightsThatItsStatisticsMove) {
  Model model = compiled(SGD());
  model.fit(samples(), two_updates());
  const auto weights = model.weights();
  for (int k = 0; k < kCounters; ++k)
    EXPECT_EQ(weights[static_cast<size_t>(k)]->value, std::vector<float>{2.0f * static_cast<float>(k + 1)}) << k;
}

TEST(OwnOptimizer, KeepsUpToEightArraysBesideAWeight) {
  Model model = compiled(Spec("Hoarder", Config::object({{"arrays", 8}})));
  model.fit(samples(), two_updates());
  ASSERT_EQ(model.optimizer_state().slots.size(), 16u);
  for (const auto& [name, values] : model.optimizer_state().slots)
    EXPECT_EQ(values, std::vector<float>(values.size(), 2.0f)) << name;
}

TEST(OwnOptimizer, OfMoreArraysIsRefusedBeforeTheFirstStep) {
  Model model = compiled(Spec("Hoarder", Config::object({{"arrays", 9}})));
  try {
    model.fit(samples(), two_updates());
    ADD_FAILURE() << "nine arrays were taken";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "[Hoarder] an optimizer keeps at most 8 arrays beside a weight. Got 9 for dense/kernel.");
  }
}

}  // namespace
}  // namespace batchwise
