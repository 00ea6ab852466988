// The maps of LSTM, GRU and SimpleRNN: one product for the inputs of many steps, one per step for the state.
#include <algorithm>

#include "kernels/product/rounded_product.h"
#include "kernels/recurrent/gate_panels.h"
#include "kernels/recurrent/step_maps.h"

namespace batchwise {
namespace {

// Of the products of `rows` rows of `inputs` values with the gates, and of their gradients.
int64_t rounding_scratch(const StepLayout& layout, int64_t rows, int64_t inputs) {
  if (!layout.bfloat16) return 0;
  const int64_t gates = layout.gates * layout.width;
  return std::max(
      {rounding_bytes(rows, gates, inputs), rounding_bytes(rows, inputs, gates), rounding_bytes(inputs, gates, rows)});
}

class DenseInputMap final : public InputMap {
 public:
  DenseInputMap(const StepLayout& layout, int64_t inputs) : l_(layout), inputs_(inputs) {
    for (int64_t step = 0; step < l_.steps; ++step) {
      input_of_step_.push_back(l_.input_step(step) * inputs_);
      gates_of_step_.push_back(step * l_.step_gates());
    }
    for (int64_t sample = 0; sample < l_.samples; ++sample) {
      input_of_sample_.push_back(sample * l_.steps * inputs_);
      gates_of_sample_.push_back(sample * l_.gate_row());
    }
  }
  WeightLayoutPtr forward_layout() const override { return gate_panels(shape()); }
  WeightLayoutPtr backward_layout() const override { return transposed_gate_panels(shape()); }
  int64_t scratch() const override { return rounding_scratch(l_, l_.steps * l_.rows(), inputs_); }

  // The rows of a tile are neighbouring steps of one sample or one step of neighbouring samples: which there are more
  // of.
  void forward(const float* x, int64_t first, int64_t count, const GateRange& range, const float* weights,
               const float* bias, float* gates, void* scratch) const override {
    Product product;
    product.columns = range.count * l_.width;
    product.a = x;
    product.length = inputs_;
    product.b = weights + range.first * l_.width * inputs_;
    product.b_panel = inputs_ * kPanel;
    product.c = gates + range.slot * l_.width;
    product.bias = bias;
    if (count > l_.samples) {
      product.rows = count;
      product.groups = l_.samples;
      product.a = x + input_of_step_[static_cast<size_t>(first)];
      product.a_groups = input_of_sample_.data();
      product.a_row = step_stride();
      product.c_groups = gates_of_sample_.data();
      product.c_row = l_.step_gates();
    } else {
      product.rows = l_.samples;
      product.groups = count;
      product.a_groups = input_of_step_.data() + first;
      product.a_row = l_.steps * inputs_;
      product.c_groups = gates_of_step_.data();
      product.c_row = l_.gate_row();
    }
    multiply(product, l_.bfloat16 ? scratch : nullptr);
  }

  void input_gradient(const float* gates, const GateRange& range, const float* weights, float* dx, bool accumulate,
                      void* scratch) const override {
    Product product;
    product.columns = inputs_;
    product.a = gates + range.slot * l_.width;
    product.length = range.count * l_.width;
    product.b = weights + range.first * l_.width * kPanel;
    product.b_panel = l_.gates * l_.width * kPanel;
    product.c = dx;
    product.accumulate = accumulate;
    if (l_.steps > l_.samples) {
      product.rows = l_.steps;
      product.groups = l_.samples;
      product.a_groups = gates_of_sample_.data();
      product.a_row = l_.step_gates();
      product.c = dx + input_of_step_[0];
      product.c_groups = input_of_sample_.data();
      product.c_row = step_stride();
    } else {
      product.rows = l_.samples;
      product.groups = l_.steps;
      product.a_groups = gates_of_step_.data();
      product.a_row = l_.gate_row();
      product.c_groups = input_of_step_.data();
      product.c_row = l_.steps * inputs_;
    }
    multiply(product, l_.bfloat16 ? scratch : nullptr);
  }

  void weight_gradient(const float* x, const float* gates, const GateRange& range, float* weights,
                       void* scratch) const override {
    Product product;
    product.rows = inputs_;
    product.columns = range.count * l_.width;
    product.a = x;
    product.a_row = 1;
    product.a_step = l_.steps * inputs_;
    product.a_segments = input_of_step_.data();
    product.segments = l_.steps;
    product.length = l_.samples;
    product.b = gates + range.slot * l_.width;
    product.b_step = l_.gate_row();
    product.c = weights + range.first * l_.width * inputs_;
    product.c_row = kPanel;
    product.c_panel = inputs_ * kPanel;
    multiply(product, l_.bfloat16 ? scratch : nullptr);
  }

 private:
  GateKernelShape shape() const { return {1, inputs_, l_.gates, l_.units}; }
  int64_t step_stride() const { return l_.backwards ? -inputs_ : inputs_; }

  StepLayout l_;
  int64_t inputs_;
  std::vector<int64_t> input_of_step_, gates_of_step_, input_of_sample_, gates_of_sample_;
};

class DenseStateMap final : public StateMap {
 public:
  explicit DenseStateMap(const StepLayout& layout) : l_(layout) {}
  WeightLayoutPtr forward_layout() const override { return gate_panels(shape()); }
  WeightLayoutPtr backward_layout() const override { return transposed_gate_panels(shape()); }
  int64_t scratch() const override { return rounding_scratch(l_, l_.steps * l_.rows(), l_.units); }

  void forward(const float* h, int64_t h_row, const GateRange& range, const float* weights, const float* bias,
               float* gates, bool accumulate, void* scratch) const override {
    Product product;
    product.rows = l_.rows();
    product.columns = range.count * l_.width;
    product.a = h;
    product.a_row = h_row;
    product.length = l_.units;
    product.b = weights + range.first * l_.width * l_.units;
    product.b_panel = l_.units * kPanel;
    product.c = gates + range.slot * l_.width;
    product.c_row = l_.gate_row();
    product.bias = bias;
    product.accumulate = accumulate;
    multiply(product, l_.bfloat16 ? scratch : nullptr);
  }

  void state_gradient(const float* gates, const GateRange& range, const float* weights, float* dh, bool accumulate,
                      void* scratch) const override {
    Product product;
    product.rows = l_.rows();
    product.columns = l_.units;
    product.a = gates + range.slot * l_.width;
    product.a_row = l_.gate_row();
    product.length = range.count * l_.width;
    product.b = weights + range.first * l_.width * kPanel;
    product.b_panel = l_.gates * l_.width * kPanel;
    product.c = dh;
    product.c_row = l_.width;
    product.c_padded = true;
    product.accumulate = accumulate;
    multiply(product, l_.bfloat16 ? scratch : nullptr);
  }

  void weight_gradient(const float* h, int64_t h_row, const float* gates, const GateRange& range, float* weights,
                       void* scratch) const override {
    Product product;
    product.rows = l_.units;
    product.columns = range.count * l_.width;
    product.a = h;
    product.a_row = 1;
    product.a_step = h_row;
    product.length = l_.steps * l_.rows();
    product.b = gates + range.slot * l_.width;
    product.b_step = l_.gate_row();
    product.c = weights + range.first * l_.width * l_.units;
    product.c_row = kPanel;
    product.c_panel = l_.units * kPanel;
    multiply(product, l_.bfloat16 ? scratch : nullptr);
  }

 private:
  GateKernelShape shape() const { return {1, l_.units, l_.gates, l_.units}; }
  StepLayout l_;
};

}  // namespace

std::unique_ptr<InputMap> dense_input_map(const StepLayout& layout, int64_t inputs) {
  return std::make_unique<DenseInputMap>(layout, inputs);
}
std::unique_ptr<StateMap> dense_state_map(const StepLayout& layout) { return std::make_unique<DenseStateMap>(layout); }

}  // namespace batchwise
