// Convolutions for the gates, an image at a time: products whose rows are windows of a padded copy.
#include "kernels/recurrent/conv_maps.h"

#include <algorithm>

#include "kernels/product/rounded_product.h"
#include "kernels/recurrent/gate_panels.h"

namespace batchwise {
namespace {

// One image of `channels`, padded, to and from rows of gates.
class ImageProduct {
 public:
  ImageProduct(const StepLayout& layout, const ConvAxes& axes, int64_t channels)
      : l_(layout), axes_(axes), channels_(channels) {
    const int64_t across = axes[2].padded() * channels;
    for (int64_t i = 0; i < axes[0].output; ++i)
      for (int64_t j = 0; j < axes[1].output; ++j) {
        windows_.push_back((i * axes[0].stride * axes[1].padded() + j * axes[1].stride) * across);
        rows_.push_back((i * axes[1].output + j) * axes[2].output * l_.gate_row());
      }
    for (int64_t i = 0; i < axes[0].kernel; ++i)
      for (int64_t j = 0; j < axes[1].kernel; ++j)
        for (int64_t k = 0; k < axes[2].kernel; ++k)
          taps_.push_back((i * axes[0].dilation * axes[1].padded() + j * axes[1].dilation) * across +
                          k * axes[2].dilation * channels);
  }
  int64_t taps() const { return static_cast<int64_t>(taps_.size()); }
  GateKernelShape shape() const { return {taps(), channels_, l_.gates, l_.units}; }
  int64_t image() const { return axes_[0].input * axes_[1].input * axes_[2].input; }  // positions
  int64_t padded() const { return axes_[0].padded() * axes_[1].padded() * axes_[2].padded() * channels_; }

  // Bytes: the padded image, and behind it what products round to.
  int64_t scratch() const {
    const int64_t gates = l_.gates * l_.width, rows = axes_[2].output * static_cast<int64_t>(windows_.size());
    return padded() * static_cast<int64_t>(sizeof(float)) +
           (l_.bfloat16 ? std::max({rounding_bytes(rows, gates, taps() * channels_),
                                    rounding_bytes(rows, channels_, gates), rounding_bytes(channels_, gates, rows)})
                        : 0);
  }

  // The image, of positions `stride` floats apart, among zeros.
  void pad(const float* x, int64_t stride, float* padded) const {
    std::fill_n(padded, this->padded(), 0.0f);
    walk([&](int64_t position, int64_t place, int64_t count) {
      for (int64_t i = 0; i < count; ++i)
        std::copy_n(x + (position + i) * stride, channels_, padded + place + i * channels_);
    });
  }
  // The other way round, added.
  void add_inside(const float* padded, int64_t stride, float* x) const {
    walk([&](int64_t position, int64_t place, int64_t count) {
      for (int64_t i = 0; i < count; ++i)
        for (int64_t c = 0; c < channels_; ++c) x[(position + i) * stride + c] += padded[place + i * channels_ + c];
    });
  }

  void forward(const float* padded, const GateRange& range, const float* weights, const float* bias, float* gates,
               bool accumulate) const {
    Product product = windows_by_rows(range);
    product.a = padded;
    product.a_groups = windows_.data();
    product.a_row = axes_[2].stride * channels_;
    product.a_segments = taps_.data();
    product.segments = taps();
    product.length = channels_;
    product.columns = range.count * l_.width;
    product.b = weights + range.first * l_.width * taps() * channels_;
    product.b_panel = taps() * channels_ * kPanel;
    product.c = gates + range.slot * l_.width;
    product.c_groups = rows_.data();
    product.c_row = l_.gate_row();
    product.bias = bias;
    product.accumulate = accumulate;
    multiply(product, rounding(padded));
  }
  // Written in full.
  void image_gradient(const float* gates, const GateRange& range, const float* weights, float* padded) const {
    std::fill_n(padded, this->padded(), 0.0f);
    for (int64_t tap = 0; tap < taps(); ++tap) {
      Product product = windows_by_rows(range);
      product.a = gates + range.slot * l_.width;
      product.a_groups = rows_.data();
      product.a_row = l_.gate_row();
      product.length = range.count * l_.width;
      product.columns = channels_;
      product.b = weights + (tap * l_.gates + range.first) * l_.width * kPanel;
      product.b_panel = taps() * l_.gates * l_.width * kPanel;
      product.c = padded + taps_[static_cast<size_t>(tap)];
      product.c_groups = windows_.data();
      product.c_row = axes_[2].stride * channels_;
      product.accumulate = true;
      multiply(product, rounding(padded));
    }
  }
  void weight_gradient(const float* padded, const float* gates, const GateRange& range, float* weights,
                       bool accumulate) const {
    for (int64_t tap = 0; tap < taps(); ++tap) {
      Product product;
      product.rows = channels_;
      product.columns = range.count * l_.width;
      product.a = padded + taps_[static_cast<size_t>(tap)];
      product.a_row = 1;
      product.a_step = axes_[2].stride * channels_;
      product.a_segments = windows_.data();
      product.segments = static_cast<int64_t>(windows_.size());
      product.length = axes_[2].output;
      product.b = gates + range.slot * l_.width;
      product.b_step = l_.gate_row();
      product.c = weights + range.first * l_.width * taps() * channels_ + tap * channels_ * kPanel;
      product.c_row = kPanel;
      product.c_panel = taps() * channels_ * kPanel;
      product.accumulate = accumulate;
      multiply(product, rounding(padded));
    }
  }

 private:
  void* rounding(float* padded) const { return l_.bfloat16 ? padded + this->padded() : nullptr; }
  void* rounding(const float* padded) const { return rounding(const_cast<float*>(padded)); }  // scratch is the caller's
  Product windows_by_rows(const GateRange&) const {
    Product product;
    product.rows = axes_[2].output;
    product.groups = static_cast<int64_t>(windows_.size());
    return product;
  }
  // body(position, place in the padded image, count) of runs along the last axis.
  template <class Body>
  void walk(Body body) const {
    const auto &a = axes_[0], &b = axes_[1], &c = axes_[2];
    const int64_t count = std::min(c.input, c.padded() - c.before);
    for (int64_t i = 0; i < std::min(a.input, a.padded() - a.before); ++i)
      for (int64_t j = 0; j < std::min(b.input, b.padded() - b.before); ++j)
        body((i * b.input + j) * c.input,
             (((i + a.before) * b.padded() + j + b.before) * c.padded() + c.before) * channels_, count);
  }

  StepLayout l_;
  ConvAxes axes_;
  int64_t channels_;
  std::vector<int64_t> windows_, rows_, taps_;
};

class ConvInputMap final : public InputMap {
 public:
  ConvInputMap(const StepLayout& layout, const ConvAxes& axes, int64_t channels)
      : l_(layout), images_(layout, axes, channels), channels_(channels) {}
  WeightLayoutPtr forward_layout() const override { return gate_panels(images_.shape()); }
  WeightLayoutPtr backward_layout() const override { return transposed_gate_panels(images_.shape()); }
  int64_t scratch() const override { return images_.scratch(); }

  void forward(const float* x, int64_t first, int64_t count, const GateRange& range, const float* weights,
               const float* bias, float* gates, void* scratch) const override {
    auto* padded = static_cast<float*>(scratch);
    for (int64_t step = 0; step < count; ++step)
      for (int64_t sample = 0; sample < l_.samples; ++sample) {
        images_.pad(x + place(sample, first + step), channels_, padded);
        images_.forward(padded, range, weights, bias, gates + gates_of(sample, step), false);
      }
  }
  void input_gradient(const float* gates, const GateRange& range, const float* weights, float* dx, bool accumulate,
                      void* scratch) const override {
    auto* padded = static_cast<float*>(scratch);
    if (!accumulate) std::fill_n(dx, l_.samples * l_.steps * images_.image() * channels_, 0.0f);
    for (int64_t step = 0; step < l_.steps; ++step)
      for (int64_t sample = 0; sample < l_.samples; ++sample) {
        images_.image_gradient(gates + gates_of(sample, step), range, weights, padded);
        images_.add_inside(padded, channels_, dx + place(sample, step));
      }
  }
  void weight_gradient(const float* x, const float* gates, const GateRange& range, float* weights,
                       void* scratch) const override {
    auto* padded = static_cast<float*>(scratch);
    for (int64_t step = 0; step < l_.steps; ++step)
      for (int64_t sample = 0; sample < l_.samples; ++sample) {
        images_.pad(x + place(sample, step), channels_, padded);
        images_.weight_gradient(padded, gates + gates_of(sample, step), range, weights, step + sample > 0);
      }
  }

 private:
  int64_t place(int64_t sample, int64_t step) const {
    return (sample * l_.steps + l_.input_step(step)) * images_.image() * channels_;
  }
  int64_t gates_of(int64_t sample, int64_t step) const {
    return step * l_.step_gates() + sample * l_.positions * l_.gate_row();
  }
  StepLayout l_;
  ImageProduct images_;
  int64_t channels_;
};

class ConvStateMap final : public StateMap {
 public:
  ConvStateMap(const StepLayout& layout, const ConvAxes& axes) : l_(layout), images_(layout, axes, layout.units) {}
  WeightLayoutPtr forward_layout() const override { return gate_panels(images_.shape()); }
  WeightLayoutPtr backward_layout() const override { return transposed_gate_panels(images_.shape()); }
  int64_t scratch() const override { return images_.scratch(); }

  void forward(const float* h, int64_t h_row, const GateRange& range, const float* weights, const float* bias,
               float* gates, bool accumulate, void* scratch) const override {
    auto* padded = static_cast<float*>(scratch);
    for (int64_t sample = 0; sample < l_.samples; ++sample) {
      images_.pad(h + sample * l_.positions * h_row, h_row, padded);
      images_.forward(padded, range, weights, bias, gates + sample * l_.positions * l_.gate_row(), accumulate);
    }
  }
  void state_gradient(const float* gates, const GateRange& range, const float* weights, float* dh, bool accumulate,
                      void* scratch) const override {
    auto* padded = static_cast<float*>(scratch);
    if (!accumulate) std::fill_n(dh, l_.state(), 0.0f);
    for (int64_t sample = 0; sample < l_.samples; ++sample) {
      images_.image_gradient(gates + sample * l_.positions * l_.gate_row(), range, weights, padded);
      images_.add_inside(padded, l_.width, dh + sample * l_.positions * l_.width);
    }
  }
  void weight_gradient(const float* h, int64_t h_row, const float* gates, const GateRange& range, float* weights,
                       void* scratch) const override {
    auto* padded = static_cast<float*>(scratch);
    for (int64_t image = 0; image < l_.steps * l_.samples; ++image) {
      images_.pad(h + image * l_.positions * h_row, h_row, padded);
      images_.weight_gradient(padded, gates + image * l_.positions * l_.gate_row(), range, weights, image > 0);
    }
  }

 private:
  StepLayout l_;
  ImageProduct images_;
};

}  // namespace

std::unique_ptr<InputMap> conv_input_map(const StepLayout& layout, const ConvAxes& axes, int64_t channels) {
  return std::make_unique<ConvInputMap>(layout, axes, channels);
}
std::unique_ptr<StateMap> conv_state_map(const StepLayout& layout, const ConvAxes& axes) {
  return std::make_unique<ConvStateMap>(layout, axes);
}

}  // namespace batchwise
