// Kernels in panels: from and to the canonical order, and from one kind of panels to the other.
#include "kernels/product/panel_layout.h"

#include <algorithm>
#include <cstring>

#include <batchwise/error.h>

#include "kernels/product/product.h"
#include "kernels/product/transpose.h"

namespace batchwise {
namespace {

class OutputPanels : public WeightLayout {
 public:
  explicit OutputPanels(const KernelShape& shape) : shape_(shape) {}
  const KernelShape& shape() const { return shape_; }
  int64_t depth() const { return shape_.taps * shape_.inputs; }
  int64_t group_count() const { return in_panels(shape_.outputs) * depth(); }

  int64_t bytes() const override { return shape_.groups * group_count() * static_cast<int64_t>(sizeof(float)); }

  void pack(const float* canonical, float* stored) const override {
    const int64_t width = shape_.outputs * shape_.groups;
    for (int64_t g = 0; g < shape_.groups; ++g)
      for (int64_t first = 0; first < shape_.outputs; first += kPanel) {
        const int64_t columns = std::min(kPanel, shape_.outputs - first);
        for (int64_t k = 0; k < depth(); ++k, stored += kPanel) {
          std::copy_n(canonical + k * width + g * shape_.outputs + first, columns, stored);
          std::fill(stored + columns, stored + kPanel, 0.0f);
        }
      }
  }

  void unpack(const float* stored, float* canonical) const override {
    const int64_t width = shape_.outputs * shape_.groups;
    for (int64_t g = 0; g < shape_.groups; ++g)
      for (int64_t first = 0; first < shape_.outputs; first += kPanel) {
        const int64_t columns = std::min(kPanel, shape_.outputs - first);
        for (int64_t k = 0; k < depth(); ++k, stored += kPanel)
          std::copy_n(stored, columns, canonical + k * width + g * shape_.outputs + first);
      }
  }

  void convert(const WeightLayout* from, const float* source, float* stored) const override;

  bool same(const WeightLayout& other) const override {
    const auto* panels = dynamic_cast<const OutputPanels*>(&other);
    return panels && panels->shape_ == shape_;
  }

 private:
  KernelShape shape_;
};

// A block of (inputs, 16) into (outputs, 16), zeros behind the inputs; rows past `outputs` are left alone.
void transpose(const float* block, int64_t inputs, int64_t outputs, float* to) {
  if (inputs < kPanel || outputs < kPanel) {
    for (int64_t o = 0; o < outputs; ++o) {
      for (int64_t i = 0; i < inputs; ++i) to[o * kPanel + i] = block[i * kPanel + o];
      std::fill(to + o * kPanel + inputs, to + (o + 1) * kPanel, 0.0f);
    }
    return;
  }
  transpose_block(block, to);
}

class InputPanels : public WeightLayout {
 public:
  InputPanels(const KernelShape& shape, std::vector<int64_t> tap_order)
      : shape_(shape), tap_order_(std::move(tap_order)) {}

  int64_t depth() const { return shape_.taps * shape_.outputs; }
  int64_t bytes() const override {
    return shape_.groups * in_panels(shape_.inputs) * depth() * static_cast<int64_t>(sizeof(float));
  }

  void pack(const float* canonical, float* stored) const override {
    const int64_t width = shape_.outputs * shape_.groups;
    std::memset(stored, 0, static_cast<size_t>(bytes()));
    for (int64_t g = 0; g < shape_.groups; ++g)
      for (int64_t t = 0; t < shape_.taps; ++t)
        for (int64_t i = 0; i < shape_.inputs; ++i)
          for (int64_t o = 0; o < shape_.outputs; ++o)
            stored[index(g, t, i, o)] = canonical[(tap_order_[t] * shape_.inputs + i) * width + g * shape_.outputs + o];
  }

  void unpack(const float* stored, float* canonical) const override {
    const int64_t width = shape_.outputs * shape_.groups;
    for (int64_t g = 0; g < shape_.groups; ++g)
      for (int64_t t = 0; t < shape_.taps; ++t)
        for (int64_t i = 0; i < shape_.inputs; ++i)
          for (int64_t o = 0; o < shape_.outputs; ++o)
            canonical[(tap_order_[t] * shape_.inputs + i) * width + g * shape_.outputs + o] = stored[index(g, t, i, o)];
  }

  void convert(const WeightLayout* from, const float* source, float* stored) const override {
    if (!from) return pack(source, stored);
    if (same(*from)) {
      std::memcpy(stored, source, static_cast<size_t>(bytes()));
      return;
    }
    const auto* outputs = dynamic_cast<const OutputPanels*>(from);
    require(outputs && outputs->shape() == shape_, "InputPanels",
            "the source must hold the same kernel. Got another layout.");
    from_output_panels(*outputs, source, stored);
  }

  bool same(const WeightLayout& other) const override {
    const auto* panels = dynamic_cast<const InputPanels*>(&other);
    return panels && panels->shape_ == shape_ && panels->tap_order_ == tap_order_;
  }

 private:
  int64_t index(int64_t g, int64_t t, int64_t i, int64_t o) const {
    return ((g * panels_of(shape_.inputs) + i / kPanel) * depth() + t * shape_.outputs + o) * kPanel + i % kPanel;
  }

  // Blocks of 16 inputs by 16 outputs are one KiB on both sides: a transpose within the first-level cache.
  void from_output_panels(const OutputPanels& from, const float* source, float* stored) const {
    for (int64_t g = 0; g < shape_.groups; ++g)
      for (int64_t first_input = 0; first_input < shape_.inputs; first_input += kPanel)
        for (int64_t t = 0; t < shape_.taps; ++t)
          for (int64_t first_output = 0; first_output < shape_.outputs; first_output += kPanel) {
            const int64_t inputs = std::min(kPanel, shape_.inputs - first_input);
            const int64_t outputs = std::min(kPanel, shape_.outputs - first_output);
            const float* block = source + g * from.group_count() + first_output * from.depth() +
                                 (tap_order_[t] * shape_.inputs + first_input) * kPanel;
            float* to = stored + index(g, t, first_input, first_output);
            transpose(block, inputs, outputs, to);
          }
  }

  KernelShape shape_;
  std::vector<int64_t> tap_order_;
};

void OutputPanels::convert(const WeightLayout* from, const float* source, float* stored) const {
  if (!from) return pack(source, stored);
  require(same(*from), "OutputPanels", "the source must be canonical or in the same panels. Got another layout.");
  std::memcpy(stored, source, static_cast<size_t>(bytes()));
}

}  // namespace

WeightLayoutPtr output_panels(const KernelShape& shape) { return std::make_shared<OutputPanels>(shape); }
WeightLayoutPtr input_panels(const KernelShape& shape, std::vector<int64_t> tap_order) {
  return std::make_shared<InputPanels>(shape, std::move(tap_order));
}

}  // namespace batchwise
