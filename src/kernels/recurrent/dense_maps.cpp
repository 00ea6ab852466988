// The maps of LSTM, GRU and SimpleRNN: one product for the inputs of many steps, one per step for the state.
#include <algorithm>

#include "kernels/product/bfloat16_layout.h"
#include "kernels/product/rounded_product.h"
#include "kernels/recurrent/gate_panels.h"
#include "kernels/recurrent/step_maps.h"

namespace batchwise {
namespace {

// The kernel of `inputs` values of a row. In bfloat16 what forward and backward read is rounded, in panels of pairs;
// what is learned stays in panels of float32.
class GateKernel {
 public:
  GateKernel(const StepLayout& layout, int64_t inputs) : l_(layout), inputs_(inputs) {}

  WeightLayoutPtr forward_layout() const {
    return l_.bfloat16 ? bfloat16_output_panels(pairs()) : gate_panels(plain());
  }
  WeightLayoutPtr backward_layout() const {
    return l_.bfloat16 ? bfloat16_input_panels(pairs()) : transposed_gate_panels(plain());
  }
  WeightLayoutPtr gradient_layout() const { return l_.bfloat16 ? output_panels(pairs()) : gate_panels(plain()); }
  // Bytes of all products of `rows` rows with the kernel, and of its gradient.
  int64_t scratch(int64_t rows) const {
    if (!l_.bfloat16) return 0;
    return std::max({rounding_bytes(rows, inputs_), rounding_bytes(rows, l_.units),
                     rounding_bytes(inputs_, l_.gates * l_.width, rows)});
  }

  // product.c = rows of inputs * those gates.
  void to_gates(Product& product, const GateRange& range, const float* weights, void* scratch) const {
    product.columns = range.count * l_.width;
    product.length = inputs_;
    if (l_.bfloat16) return multiply(product, as_pairs(weights) + range.first * l_.width * in_steps(inputs_), scratch);
    product.b = weights + range.first * l_.width * inputs_;
    product.b_panel = inputs_ * kPanel;
    multiply(product);
  }

  // product.c (+)= rows of those gates, from the first one's slot on, * the transposed kernel.
  void from_gates(Product& product, const GateRange& range, const float* weights, void* scratch) const {
    product.columns = inputs_;
    if (!l_.bfloat16) {
      product.length = range.count * l_.width;
      product.b = weights + range.first * l_.width * kPanel;
      product.b_panel = l_.gates * l_.width * kPanel;
      return multiply(product);
    }
    product.length = l_.units;
    const float* gates = product.a;
    for (int64_t gate = 0; gate < range.count; ++gate, product.accumulate = true) {
      product.a = gates + gate * l_.width;
      multiply(product, as_pairs(weights) + (range.first + gate) * in_panels(inputs_) * in_steps(l_.units), scratch);
    }
  }

 private:
  GateKernelShape plain() const { return {1, inputs_, l_.gates, l_.units}; }
  KernelShape pairs() const { return {1, inputs_, l_.units, l_.gates}; }
  static const Bfloat16* as_pairs(const float* weights) { return reinterpret_cast<const Bfloat16*>(weights); }

  StepLayout l_;
  int64_t inputs_;
};

class DenseInputMap final : public InputMap {
 public:
  DenseInputMap(const StepLayout& layout, int64_t inputs) : l_(layout), inputs_(inputs), kernel_(layout, inputs) {
    for (int64_t step = 0; step < l_.steps; ++step) {
      input_of_step_.push_back(l_.input_step(step) * inputs_);
      gates_of_step_.push_back(step * l_.step_gates());
    }
    for (int64_t sample = 0; sample < l_.samples; ++sample) {
      input_of_sample_.push_back(sample * l_.steps * inputs_);
      gates_of_sample_.push_back(sample * l_.gate_row());
    }
  }
  WeightLayoutPtr forward_layout() const override { return kernel_.forward_layout(); }
  WeightLayoutPtr backward_layout() const override { return kernel_.backward_layout(); }
  WeightLayoutPtr gradient_layout() const override { return kernel_.gradient_layout(); }
  int64_t scratch() const override { return kernel_.scratch(l_.steps * l_.rows()); }

  // The rows of a tile are neighbouring steps of one sample or one step of neighbouring samples: which there are more
  // of.
  void forward(const float* x, int64_t first, int64_t count, const GateRange& range, const float* weights,
               const float* bias, float* gates, void* scratch) const override {
    Product product;
    product.a = x;
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
    kernel_.to_gates(product, range, weights, scratch);
  }

  void input_gradient(const float* gates, const GateRange& range, const float* weights, float* dx, bool accumulate,
                      void* scratch) const override {
    Product product;
    product.a = gates + range.slot * l_.width;
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
    kernel_.from_gates(product, range, weights, scratch);
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
  int64_t step_stride() const { return l_.backwards ? -inputs_ : inputs_; }

  StepLayout l_;
  int64_t inputs_;
  GateKernel kernel_;
  std::vector<int64_t> input_of_step_, gates_of_step_, input_of_sample_, gates_of_sample_;
};

class DenseStateMap final : public StateMap {
 public:
  explicit DenseStateMap(const StepLayout& layout) : l_(layout), kernel_(layout, layout.units) {}
  WeightLayoutPtr forward_layout() const override { return kernel_.forward_layout(); }
  WeightLayoutPtr backward_layout() const override { return kernel_.backward_layout(); }
  WeightLayoutPtr gradient_layout() const override { return kernel_.gradient_layout(); }
  int64_t scratch() const override { return kernel_.scratch(l_.steps * l_.rows()); }

  void forward(const float* h, int64_t h_row, const GateRange& range, const float* weights, const float* bias,
               float* gates, bool accumulate, void* scratch) const override {
    Product product;
    product.rows = l_.rows();
    product.a = h;
    product.a_row = h_row;
    product.c = gates + range.slot * l_.width;
    product.c_row = l_.gate_row();
    product.bias = bias;
    product.accumulate = accumulate;
    kernel_.to_gates(product, range, weights, scratch);
  }

  void state_gradient(const float* gates, const GateRange& range, const float* weights, float* dh, bool accumulate,
                      void* scratch) const override {
    Product product;
    product.rows = l_.rows();
    product.a = gates + range.slot * l_.width;
    product.a_row = l_.gate_row();
    product.c = dh;
    product.c_row = l_.width;
    product.c_padded = true;
    product.accumulate = accumulate;
    kernel_.from_gates(product, range, weights, scratch);
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
  StepLayout l_;
  GateKernel kernel_;
};

}  // namespace

std::unique_ptr<InputMap> dense_input_map(const StepLayout& layout, int64_t inputs) {
  return std::make_unique<DenseInputMap>(layout, inputs);
}
std::unique_ptr<StateMap> dense_state_map(const StepLayout& layout) { return std::make_unique<DenseStateMap>(layout); }

}  // namespace batchwise
