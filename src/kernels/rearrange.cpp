// Copies runs of elements; the way back adds them up where they came from.
#include "kernels/rearrange.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>

namespace batchwise {
namespace {

// Whether blocks of `run` sources follow one another (or are zeros).
bool holds(const std::vector<int64_t>& sources, int64_t run) {
  for (size_t i = 0; i < sources.size(); ++i) {
    const size_t first = i - i % static_cast<size_t>(run);
    const int64_t wanted = sources[first] < 0 ? -1 : sources[first] + static_cast<int64_t>(i - first);
    if ((sources[i] < 0 ? -1 : sources[i]) != wanted) return false;
  }
  return true;
}

class RearrangeKernel final : public Kernel {
 public:
  RearrangeKernel(std::string_view kind, const TensorType& input, Rearrangement to, int64_t grain)
      : kind_(kind), input_(input), to_(std::move(to)), grain_(grain) {}
  std::string_view kind() const override { return kind_; }
  std::vector<TensorType> outputs() const override { return {{to_.output, input_.dtype, 0}}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelCost cost() const override {
    return {.bytes = 2.0 * static_cast<double>(grain_ * to_.output.count() * size_of(input_.dtype))};
  }

  void forward(const ForwardCall& call) const override {
    const int64_t element = size_of(input_.dtype), bytes = to_.run * element;
    const std::byte* from = static_cast<const std::byte*>(call.inputs[0]);
    std::byte* out = static_cast<std::byte*>(call.outputs[0]);
    for (int64_t n = 0; n < grain_; ++n, from += input_.bytes(1)) {
      if (element == 4 && to_.run == 1) {
        out = gather(from, out);
        continue;
      }
      for (const int64_t source : to_.sources) {
        if (source < 0) std::memset(out, 0, static_cast<size_t>(bytes));
        else std::memcpy(out, from + source * element, static_cast<size_t>(bytes));
        out += bytes;
      }
    }
  }

  void backward(const BackwardCall& call) const override {
    float* result = static_cast<float*>(call.input_gradients[0]);
    if (!result) return;
    const int64_t inputs = input_.shape.count();
    std::fill_n(result, grain_ * inputs, 0.0f);
    const float* gradient = static_cast<const float*>(call.output_gradients[0]);
    for (int64_t n = 0; n < call.rows; ++n, result += inputs)
      for (const int64_t source : to_.sources) {
        if (source >= 0)
          for (int64_t i = 0; i < to_.run; ++i) result[source + i] += gradient[i];
        gradient += to_.run;
      }
  }

 private:
  std::byte* gather(const std::byte* from, std::byte* out) const {
    for (const int64_t source : to_.sources) {
      uint32_t value = 0;
      if (source >= 0) std::memcpy(&value, from + source * 4, 4);
      std::memcpy(out, &value, 4);
      out += 4;
    }
    return out;
  }

  std::string kind_;
  TensorType input_;
  Rearrangement to_;
  int64_t grain_;
};

}  // namespace

Rearrangement rearrangement(const Shape& output, const std::function<int64_t(std::span<const int64_t>)>& source) {
  Rearrangement to{output, 1, std::vector<int64_t>(static_cast<size_t>(output.count()))};
  std::vector<int64_t> place(static_cast<size_t>(output.rank()), 0);
  for (int64_t& from : to.sources) {
    from = source(place);
    for (int axis = output.rank() - 1; axis >= 0; --axis) {
      if (++place[static_cast<size_t>(axis)] < output[axis]) break;
      place[static_cast<size_t>(axis)] = 0;
    }
  }
  if (to.sources.empty()) return to;
  // The longest run is a product of last axes, or a share of it: Reshape and slices leave such.
  int64_t longest = 1;
  for (int64_t run = output.count(); run > 1 && longest == 1; run = run % 2 == 0 ? run / 2 : 1)
    if (holds(to.sources, run)) longest = run;
  for (int64_t run = 1, axis = output.rank() - 1; axis >= 0; --axis) {
    run *= output[static_cast<int>(axis)];
    if (run > longest && holds(to.sources, run)) longest = run;
  }
  std::vector<int64_t> firsts;
  for (size_t i = 0; i < to.sources.size(); i += static_cast<size_t>(longest)) firsts.push_back(to.sources[i]);
  return {output, longest, std::move(firsts)};
}

Rearrangement permutation(const Shape& input, std::span<const int> axes) {
  std::vector<int64_t> dims, strides(static_cast<size_t>(input.rank()), 1);
  for (int axis = input.rank() - 2; axis >= 0; --axis)
    strides[static_cast<size_t>(axis)] = strides[static_cast<size_t>(axis) + 1] * input[axis + 1];
  for (const int axis : axes) dims.push_back(input[axis]);
  return rearrangement(Shape(std::span<const int64_t>(dims)), [&](std::span<const int64_t> place) {
    int64_t source = 0;
    for (size_t i = 0; i < place.size(); ++i) source += place[i] * strides[static_cast<size_t>(axes[i])];
    return source;
  });
}

std::unique_ptr<Kernel> make_rearrange_kernel(std::string_view kind, const TensorType& input, Rearrangement to,
                                              int64_t grain) {
  return std::make_unique<RearrangeKernel>(kind, input, std::move(to), grain);
}

}  // namespace batchwise
