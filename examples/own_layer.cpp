// A layer of one's own, in the program that uses it: each feature multiplied by a number that is learnt.
#include <batchwise/batchwise.h>

#include <iostream>

namespace bw = batchwise;

namespace {

// What a grain goes through. A kernel holds no buffers: it states what it needs, and the plan places it.
class GainKernel : public bw::Kernel {
 public:
  GainKernel(bw::TensorType type, int64_t grain) : type_(type), grain_(grain), features_(type.shape.back()) {}

  std::string_view kind() const override { return "gain"; }
  std::vector<bw::TensorType> outputs() const override { return {type_}; }

  void forward(const bw::ForwardCall& call) const override {
    const auto* x = static_cast<const float*>(call.inputs[0]);
    auto* y = static_cast<float*>(call.outputs[0]);
    for (int64_t i = 0; i < grain_ * type_.stored_count(); ++i) y[i] = x[i] * call.weights[0][i % features_];
  }

  // Rows beyond call.rows have zero gradients, so they need no special care.
  void backward(const bw::BackwardCall& call) const override {
    const auto* x = static_cast<const float*>(call.inputs[0]);
    const auto* dy = static_cast<const float*>(call.output_gradients[0]);
    auto* dx = static_cast<float*>(call.input_gradients[0]);
    float* gains = call.weight_gradients[0];
    if (gains) std::fill(gains, gains + features_, 0.0f);
    for (int64_t i = 0; i < grain_ * type_.stored_count(); ++i) {
      if (gains) gains[i % features_] += dy[i] * x[i];
      if (dx) dx[i] = dy[i] * call.weights[0][i % features_];
    }
  }

 private:
  bw::TensorType type_;
  int64_t grain_, features_;
};

// What the layer is: arguments, shapes, weights, and the kernel it becomes.
class Gain : public bw::Layer {
 public:
  explicit Gain(const bw::Config& config) : initial_(config.get("initial", 1.0)) {}

  std::string_view class_name() const override { return "Gain"; }
  bw::Config config() const override { return bw::Config::object({{"initial", initial_}}); }
  bw::Shapes output_shapes(const bw::Shapes& inputs) const override {
    bw::require(inputs.size() == 1, "Gain", "it takes one input. Got ", inputs.size(), ".");
    return inputs;
  }
  std::vector<bw::VariableSpec> variables(const bw::Shapes& inputs) const override {
    return {{.name = "gain",
             .shape = {inputs[0].back()},
             .initializer = {"Constant", bw::Config::object({{"value", initial_}})}}};
  }
  std::vector<bw::Value> lower(bw::Lowering& lowering, std::span<const bw::Value> inputs) const override {
    const bw::Value input = lowering.plain(inputs[0]);
    return lowering.add(std::make_unique<GainKernel>(lowering.type(input), lowering.grain()), {input}, {"gain"});
  }

 private:
  double initial_;
};

// From here on the layer is known by its name: to make_layer, and to files.
const bw::RegisterLayer<Gain> registered{"Gain"};

}  // namespace

int main() {
  bw::Array x = bw::Array::from<float>({1, 1, 2, 1, 1, 3, 2, 2}, {4, 2});
  bw::Array y = bw::Array::from<float>({3, -2, 6, -2, 3, -6, 6, -4}, {4, 2});
  bw::Model model = bw::Sequential({bw::Input({2}), bw::make_layer({"Gain", bw::Config::object({{"initial", 0.5}})})});
  model.compile({.optimizer = bw::SGD({.learning_rate = 0.1f}), .loss = "mse"});
  model.fit(x, y, {.batch_size = 4, .epochs = 100, .verbose = 0});
  const bw::Array gain = model.get_weights()[0];
  std::cout << "learnt gains " << gain.values<float>()[0] << " and " << gain.values<float>()[1] << '\n';
  return std::abs(gain.values<float>()[0] - 3) < 0.01f && std::abs(gain.values<float>()[1] + 2) < 0.01f ? 0 : 1;
}
