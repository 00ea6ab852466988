// Facts about building layers and about trials of them.
#include <batchwise/layer.h>

#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

// Multiplies by a scalar weight and counts calls in a statistic: the smallest layer with a bit of everything.
class ScaleKernel final : public Kernel {
 public:
  ScaleKernel(const TensorType& type, int64_t grain) : type_(type), grain_(grain) {}
  std::string_view kind() const override { return "scale"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  void forward(const ForwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    for (int64_t i = 0; i < grain_ * type_.stored_count(); ++i)
      static_cast<float*>(call.outputs[0])[i] = x[i] * call.weights[0][0];
  }
  void backward(const BackwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    float sum = 0;
    for (int64_t i = 0; i < grain_ * type_.stored_count(); ++i) {
      sum += dy[i] * x[i];
      if (call.input_gradients[0]) static_cast<float*>(call.input_gradients[0])[i] = dy[i] * call.weights[0][0];
    }
    if (call.weight_gradients[0]) call.weight_gradients[0][0] = sum;
  }

 private:
  TensorType type_;
  int64_t grain_;
};

class ScaleLayer final : public Layer {
 public:
  explicit ScaleLayer(bool overrun = false) : overrun_(overrun) { set_name("scale"); }
  std::string_view class_name() const override { return "Scale"; }
  Config config() const override { return Config(Config::Object{}); }
  Shapes output_shapes(const Shapes& inputs) const override { return inputs; }
  std::vector<VariableSpec> variables(const Shapes& inputs) const override {
    return {{.name = "seen", .shape = {inputs[0].back()}, .trainable = false}, {.name = "factor", .shape = {}}};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    return {
        lowering.add1(std::make_unique<ScaleKernel>(lowering.type(inputs[0]), lowering.grain() + (overrun_ ? 1 : 0)),
                      {inputs[0]}, {"factor"})};
  }

 private:
  bool overrun_;
};

TEST(Layer, DeclaresTrainableWeightsFirstWithPathsOfItsName) {
  ScaleLayer layer;
  layer.build({{3}});
  ASSERT_EQ(layer.weights().size(), 2u);
  EXPECT_EQ(layer.weights()[0]->path, "scale/factor");
  EXPECT_EQ(layer.weights()[1]->path, "scale/seen");
}

TEST(Layer, KeepsItsWeightsWhenBuiltAgainAndRefusesShapesThatDoNotFit) {
  ScaleLayer layer;
  layer.build({{3}});
  const auto before = layer.weights()[0];
  layer.build({{5, 3}});
  EXPECT_EQ(layer.weights()[0], before);
  EXPECT_THROW(layer.build({{4}}), Error);
}

TEST(LayerTrial, RunsForwardAndBackwardOverRaggedGrains) {
  ScaleLayer layer;
  const Array x = Array::from<float>({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {5, 2});
  const std::vector<Array> weights = {Array::from<float>({2}, {}), Array::from<float>({0, 0}, {2})};
  const TrialResult result = try_layer(layer, {x}, weights, {random_array({5, 2}, 1, 1, 1)}, {.grain = 3});
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(result.outputs[0].data<float>()[i], 2 * x.data<float>()[i]);
    EXPECT_EQ(result.input_gradients[0].data<float>()[i], 2);
  }
  EXPECT_EQ(result.weight_gradients[0].data<float>()[0], 55);
  EXPECT_TRUE(result.weight_gradients[1].empty());
}

TEST(LayerTrial, CatchesAKernelThatWritesBeyondItsMemory) {
  ScaleLayer layer(true);
  EXPECT_THROW(try_layer(layer, {random_array({4, 2}, 1)}, trial_weights(layer, {{2}}), {}, {.grain = 4}),
               std::logic_error);
}

TEST(TensorType, CountsThePaddingOfChannelBlocks) {
  EXPECT_EQ((TensorType{{5, 7, 3}, DType::Float32, 0}.stored_count()), 105);
  EXPECT_EQ((TensorType{{5, 7, 3}, DType::Float32, 8}.stored_count()), 280);
  EXPECT_EQ((TensorType{{5, 7, 17}, DType::Float32, 16}.bytes(2)), 2 * 4 * 35 * 32);
}

}  // namespace
}  // namespace batchwise
