// Panels gate by gate: from and to the canonical order, and transposed.
#include "kernels/recurrent/gate_panels.h"

#include <algorithm>
#include <cstring>

#include <batchwise/error.h>

#include "kernels/product/product.h"
#include "kernels/product/transpose.h"

namespace batchwise {
namespace {

class GatePanels : public WeightLayout {
 public:
  explicit GatePanels(const GateKernelShape& shape) : shape_(shape) {}
  const GateKernelShape& shape() const { return shape_; }
  int64_t depth() const { return shape_.taps * shape_.inputs; }
  int64_t panels() const { return panels_of(shape_.units); }  // of a gate
  int64_t bytes() const override {
    return shape_.gates * panels() * depth() * kPanel * static_cast<int64_t>(sizeof(float));
  }

  void pack(const float* canonical, float* stored) const override {
    walk([&](int64_t at, int64_t columns) {
      std::copy_n(canonical + at, columns, stored);
      std::fill(stored + columns, stored + kPanel, 0.0f);
      stored += kPanel;
    });
  }
  void unpack(const float* stored, float* canonical) const override {
    walk([&](int64_t at, int64_t columns) {
      std::copy_n(stored, columns, canonical + at);
      stored += kPanel;
    });
  }
  void convert(const WeightLayout* from, const float* source, float* stored) const override {
    if (!from) return pack(source, stored);
    require(same(*from), "GatePanels", "the source must be canonical or in the same panels. Got another layout.");
    std::memcpy(stored, source, static_cast<size_t>(bytes()));
  }
  bool same(const WeightLayout& other) const override {
    const auto* panels = dynamic_cast<const GatePanels*>(&other);
    return panels && panels->shape_ == shape_;
  }

 private:
  // body(place of the first column in the canonical kernel, columns), in the order of storage.
  template <class Body>
  void walk(Body body) const {
    const int64_t width = shape_.gates * shape_.units;
    for (int64_t g = 0; g < shape_.gates; ++g)
      for (int64_t first = 0; first < shape_.units; first += kPanel)
        for (int64_t k = 0; k < depth(); ++k)
          body(k * width + g * shape_.units + first, std::min(kPanel, shape_.units - first));
  }
  GateKernelShape shape_;
};

class TransposedGatePanels : public WeightLayout {
 public:
  explicit TransposedGatePanels(const GateKernelShape& shape) : shape_(shape), forward_(shape) {}
  int64_t bytes() const override {
    return panels_of(shape_.inputs) * panel_floats() * static_cast<int64_t>(sizeof(float));
  }

  void pack(const float* canonical, float* stored) const override {
    std::memset(stored, 0, static_cast<size_t>(bytes()));
    walk([&](int64_t at, int64_t place) { stored[place] = canonical[at]; });
  }
  void unpack(const float* stored, float* canonical) const override {
    walk([&](int64_t at, int64_t place) { canonical[at] = stored[place]; });
  }
  void convert(const WeightLayout* from, const float* source, float* stored) const override {
    if (!from) return pack(source, stored);
    if (same(*from)) {
      std::memcpy(stored, source, static_cast<size_t>(bytes()));
      return;
    }
    require(forward_.same(*from), "TransposedGatePanels", "the source must hold the same kernel. Got another layout.");
    for (int64_t gate = 0; gate < shape_.gates; ++gate)
      for (int64_t panel = 0; panel < forward_.panels(); ++panel)
        for (int64_t tap = 0; tap < shape_.taps; ++tap)
          for (int64_t input = 0; input < shape_.inputs; input += kPanel)
            block(source + (((gate * forward_.panels() + panel) * shape_.taps + tap) * shape_.inputs + input) * kPanel,
                  std::min(kPanel, shape_.inputs - input), stored + row(input, tap, gate, panel * kPanel));
  }
  bool same(const WeightLayout& other) const override {
    const auto* panels = dynamic_cast<const TransposedGatePanels*>(&other);
    return panels && panels->shape_ == shape_;
  }

 private:
  int64_t panel_floats() const { return shape_.taps * shape_.gates * in_panels(shape_.units) * kPanel; }
  int64_t row(int64_t input, int64_t tap, int64_t gate, int64_t unit) const {
    return input / kPanel * panel_floats() + ((tap * shape_.gates + gate) * in_panels(shape_.units) + unit) * kPanel;
  }
  // `inputs` rows of 16 units into 16 rows of 16 inputs, zeros behind.
  static void block(const float* from, int64_t inputs, float* to) {
    if (inputs == kPanel) return transpose_block(from, to);
    for (int64_t unit = 0; unit < kPanel; ++unit)
      for (int64_t i = 0; i < kPanel; ++i) to[unit * kPanel + i] = i < inputs ? from[i * kPanel + unit] : 0.0f;
  }
  // body(place in the canonical kernel, place in storage) of every element.
  template <class Body>
  void walk(Body body) const {
    for (int64_t t = 0; t < shape_.taps; ++t)
      for (int64_t i = 0; i < shape_.inputs; ++i)
        for (int64_t g = 0; g < shape_.gates; ++g)
          for (int64_t u = 0; u < shape_.units; ++u)
            body(((t * shape_.inputs + i) * shape_.gates + g) * shape_.units + u, row(i, t, g, u) + i % kPanel);
  }

  GateKernelShape shape_;
  GatePanels forward_;
};

}  // namespace

WeightLayoutPtr gate_panels(const GateKernelShape& shape) { return std::make_shared<GatePanels>(shape); }
WeightLayoutPtr transposed_gate_panels(const GateKernelShape& shape) {
  return std::make_shared<TransposedGatePanels>(shape);
}

}  // namespace batchwise
