// Kernels rounded into panels of pairs.
#include "kernels/product/bfloat16_layout.h"

#include <algorithm>
#include <cstring>

#include <batchwise/error.h>

#include "base/element_cast.h"
#include "kernels/product/bfloat16_packing.h"
#include "kernels/product/transpose.h"

namespace batchwise {
namespace {

// A float32 kernel, canonical or in panels of outputs: where 16 outputs of one input lie.
struct KernelSource {
  const float* values;
  const KernelShape& shape;
  bool panels;

  int64_t input_step() const { return panels ? kPanel : shape.outputs * shape.groups; }
  const float* outputs(int64_t group, int64_t tap, int64_t input, int64_t first_output) const {
    if (!panels) return values + (tap * shape.inputs + input) * input_step() + group * shape.outputs + first_output;
    const int64_t panel = group * panels_of(shape.outputs) + first_output / kPanel;
    return values + ((panel * shape.taps + tap) * shape.inputs + input) * kPanel;
  }
};

class Bfloat16Panels : public WeightLayout {
 public:
  explicit Bfloat16Panels(const KernelShape& shape) : shape_(shape), kept_(output_panels(shape)) {}

  void pack(const float* canonical, float* stored) const override { convert(nullptr, canonical, stored); }
  void convert(const WeightLayout* from, const float* source, float* stored) const override {
    if (from && same(*from)) {
      std::memcpy(stored, source, static_cast<size_t>(bytes()));
      return;
    }
    require(!from || from->same(*kept_), "Bfloat16Panels",
            "the source must be canonical or in panels of outputs. Got another layout.");
    round({source, shape_, from != nullptr}, reinterpret_cast<Bfloat16*>(stored));
  }

 protected:
  virtual void round(const KernelSource& source, Bfloat16* stored) const = 0;

  KernelShape shape_;
  WeightLayoutPtr kept_;
};

class Bfloat16OutputPanels final : public Bfloat16Panels {
 public:
  using Bfloat16Panels::Bfloat16Panels;

  int64_t bytes() const override {
    return shape_.groups * in_panels(shape_.outputs) * shape_.taps * depth() * static_cast<int64_t>(sizeof(Bfloat16));
  }
  // The rounded values: for looking, never for keeping.
  void unpack(const float* stored, float* canonical) const override {
    const auto* pairs = reinterpret_cast<const Bfloat16*>(stored);
    for (int64_t g = 0; g < shape_.groups; ++g)
      for (int64_t t = 0; t < shape_.taps; ++t)
        for (int64_t i = 0; i < shape_.inputs; ++i)
          for (int64_t o = 0; o < shape_.outputs; ++o)
            canonical[((t * shape_.inputs + i) * shape_.groups + g) * shape_.outputs + o] = bfloat16_to_float(
                pairs[((g * panels_of(shape_.outputs) + o / kPanel) * shape_.taps + t) * depth() * kPanel +
                      i / 2 * 2 * kPanel + o % kPanel * 2 + i % 2]);
  }
  bool same(const WeightLayout& other) const override {
    const auto* panels = dynamic_cast<const Bfloat16OutputPanels*>(&other);
    return panels && panels->shape_ == shape_;
  }

 private:
  int64_t depth() const { return in_steps(shape_.inputs); }

  void round(const KernelSource& source, Bfloat16* stored) const override {
    for (int64_t g = 0; g < shape_.groups; ++g)
      for (int64_t o = 0; o < shape_.outputs; o += kPanel)
        for (int64_t t = 0; t < shape_.taps; ++t, stored += depth() * kPanel)
          round_pairs(source.outputs(g, t, 0, o), source.input_step(), shape_.inputs,
                      std::min(kPanel, shape_.outputs - o), stored, depth() * kPanel, depth());
  }
};

class Bfloat16InputPanels final : public Bfloat16Panels {
 public:
  Bfloat16InputPanels(const KernelShape& shape, std::vector<int64_t> tap_order)
      : Bfloat16Panels(shape), tap_order_(std::move(tap_order)) {}

  int64_t bytes() const override {
    return shape_.groups * in_panels(shape_.inputs) * shape_.taps * depth() * static_cast<int64_t>(sizeof(Bfloat16));
  }
  void unpack(const float* stored, float* canonical) const override {
    const auto* pairs = reinterpret_cast<const Bfloat16*>(stored);
    for (int64_t g = 0; g < shape_.groups; ++g)
      for (int64_t t = 0; t < shape_.taps; ++t)
        for (int64_t i = 0; i < shape_.inputs; ++i)
          for (int64_t o = 0; o < shape_.outputs; ++o)
            canonical[((tap_order_[static_cast<size_t>(t)] * shape_.inputs + i) * shape_.groups + g) * shape_.outputs +
                      o] =
                bfloat16_to_float(
                    pairs[((g * panels_of(shape_.inputs) + i / kPanel) * shape_.taps + t) * depth() * kPanel +
                          o / 2 * 2 * kPanel + i % kPanel * 2 + o % 2]);
  }
  bool same(const WeightLayout& other) const override {
    const auto* panels = dynamic_cast<const Bfloat16InputPanels*>(&other);
    return panels && panels->shape_ == shape_ && panels->tap_order_ == tap_order_;
  }

 private:
  int64_t depth() const { return in_steps(shape_.outputs); }

  void round(const KernelSource& source, Bfloat16* stored) const override {
    for (int64_t g = 0; g < shape_.groups; ++g)
      for (int64_t i = 0; i < shape_.inputs; i += kPanel)
        for (int64_t tap : tap_order_) {
          for (int64_t o = 0; o < depth(); o += 32) turn(source, g, tap, i, o, stored + o * kPanel);
          stored += depth() * kPanel;
        }
  }

  // 16 inputs with 32 outputs each are 16 x 16 pairs: rounded row by row, and transposed.
  void turn(const KernelSource& source, int64_t group, int64_t tap, int64_t first_input, int64_t first_output,
            Bfloat16* to) const {
    alignas(64) float words[kPanel * kPanel] = {}, turned[kPanel * kPanel];
    for (int64_t i = 0; i < std::min(kPanel, shape_.inputs - first_input); ++i)
      for (int64_t half = 0; half < 2; ++half) {
        const int64_t o = first_output + half * kPanel;
        if (o < shape_.outputs)
          round_values(source.outputs(group, tap, first_input + i, o), std::min(kPanel, shape_.outputs - o),
                       reinterpret_cast<Bfloat16*>(words + i * kPanel) + half * kPanel);
      }
    transpose_block(words, turned);
    const int64_t outputs = std::min<int64_t>(32, depth() - first_output);
    std::memcpy(to, turned, static_cast<size_t>(outputs * kPanel) * sizeof(Bfloat16));
  }

  std::vector<int64_t> tap_order_;
};

}  // namespace

WeightLayoutPtr bfloat16_output_panels(const KernelShape& shape) {
  return std::make_shared<Bfloat16OutputPanels>(shape);
}
WeightLayoutPtr bfloat16_input_panels(const KernelShape& shape, std::vector<int64_t> tap_order) {
  return std::make_shared<Bfloat16InputPanels>(shape, std::move(tap_order));
}

}  // namespace batchwise
