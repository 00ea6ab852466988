// Test support: runs one kernel over one grain of canonical arrays, in memory of exactly the declared size.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <batchwise/kernel.h>

#include "base/element_cast.h"
#include "base/random.h"

namespace batchwise::trial {

// Allocations through operator new so far, by any thread (counted in kernel_trial_test.cpp).
int64_t allocations();

inline std::vector<float> random_values(int64_t count, uint64_t seed) {
  std::vector<float> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) values[i] = 2 * unit_float(philox(seed, 7, i)[0]) - 1;
  return values;
}

struct KernelRun {
  std::vector<float> output, input_gradient;
  std::vector<std::vector<float>> weight_gradients;  // canonical
};

struct KernelRunInput {
  std::vector<float> input;                 // `rows` samples
  std::vector<std::vector<float>> weights;  // canonical
  std::vector<float> output_gradient;       // `rows` samples; empty: forward only
  bool input_gradient = true, weight_gradients = true;
};

// Operands that lose nothing when a product rounds them: what it gives can be compared as closely as float32's.
inline void round_to_bfloat16(KernelRunInput& given) {
  const auto round = [](std::vector<float>& values) {
    for (float& value : values) value = bfloat16_to_float(float_to_bfloat16(value));
  };
  round(given.input);
  round(given.output_gradient);
  for (std::vector<float>& weight : given.weights) round(weight);
}

// Where a kernel can add to gradients: the bits of what it wrote before, added to what is there.
inline void expect_adds(const Kernel& kernel, BackwardCall call, const KernelRunInput& given,
                        std::vector<float>& output_gradient, const std::vector<std::vector<float>>& written) {
  std::vector<std::vector<float>> sums = written;
  std::vector<float*> into;
  for (size_t w = 0; w < sums.size(); ++w) {
    if (kernel.adds_to_gradient(static_cast<int>(w))) std::fill(sums[w].begin(), sums[w].end(), 0.0f);
    else if (kernel.can_add_to_gradient(static_cast<int>(w)))
      for (size_t i = 0; i < sums[w].size(); ++i) sums[w][i] = written[w][i] == 0 ? 0 : std::sin(static_cast<float>(i));
    into.push_back(sums[w].data());
  }
  const std::vector<std::vector<float>> before = sums;
  std::fill(output_gradient.begin(), output_gradient.end(), 0.0f);  // backward may have overwritten it
  std::copy(given.output_gradient.begin(), given.output_gradient.end(), output_gradient.begin());
  call.weight_gradients = into;
  call.adds = true;
  kernel.backward(call);
  for (size_t w = 0; w < sums.size(); ++w)
    if (kernel.can_add_to_gradient(static_cast<int>(w)))
      for (size_t i = 0; i < sums[w].size(); ++i) {
        if (std::isnan(written[w][i])) ASSERT_TRUE(std::isnan(sums[w][i])) << w << ' ' << i;
        else ASSERT_EQ(sums[w][i], before[w][i] + written[w][i]) << w << ' ' << i;
      }
}

// Invalid rows repeat the last one forward and have zero gradients, as the engine hands them over. Everything that a
// kernel must write starts as NaN.
inline KernelRun run_kernel(Kernel& kernel, int64_t grain, int64_t rows, const KernelRunInput& given) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto floats = [](int64_t bytes) { return static_cast<size_t>((bytes + 3) / 4); };
  const TensorType type = kernel.outputs()[0];
  const KernelMemory memory = kernel.memory();
  const int64_t sample = static_cast<int64_t>(given.input.size()) / rows, result = type.stored_count();
  kernel.prepare(1);

  std::vector<float> input = given.input;
  for (int64_t row = rows; row < grain; ++row) input.insert(input.end(), given.input.end() - sample, given.input.end());
  std::vector<std::vector<float>> kept, forward, backward, gradients;
  for (size_t w = 0; w < given.weights.size(); ++w) {
    const int index = static_cast<int>(w);
    const auto stored = [&](const WeightLayoutPtr& layout) {
      return std::vector<float>(layout ? floats(layout->bytes()) : given.weights[w].size(), nan);
    };
    const WeightLayoutPtr keeps = kernel.gradient_layout(index);
    kept.push_back(stored(keeps));
    if (keeps) keeps->pack(given.weights[w].data(), kept[w].data());
    else kept[w] = given.weights[w];
    const auto converted = [&](const WeightLayoutPtr& layout) {
      if (!layout) return given.weights[w];
      std::vector<float> other = stored(layout);
      layout->convert(keeps.get(), kept[w].data(), other.data());
      return other;
    };
    forward.push_back(converted(kernel.forward_layout(index)));
    backward.push_back(kernel.backward_reads_weight(index) ? converted(kernel.backward_layout(index))
                                                           : std::vector<float>());
    gradients.push_back(stored(keeps));
  }

  std::vector<float> output(static_cast<size_t>(grain * result), nan), saved(floats(memory.saved), nan),
      forward_scratch(floats(memory.forward_scratch), nan), backward_scratch(floats(memory.backward_scratch), nan),
      input_gradient(input.size(), nan), output_gradient = given.output_gradient;
  output_gradient.resize(output.size(), 0.0f);
  const void* inputs[] = {input.data()};
  void* outputs[] = {output.data()};
  void* output_gradients[] = {output_gradient.data()};
  void* input_gradients[] = {given.input_gradient ? input_gradient.data() : nullptr};
  std::vector<const float*> forward_weights, backward_weights;
  std::vector<float*> weight_gradients;
  for (size_t w = 0; w < kept.size(); ++w) {
    forward_weights.push_back(forward[w].data());
    backward_weights.push_back(backward[w].empty() ? nullptr : backward[w].data());
    if (kernel.adds_to_gradient(static_cast<int>(w))) std::fill(gradients[w].begin(), gradients[w].end(), 0.0f);
    weight_gradients.push_back(given.weight_gradients ? gradients[w].data() : nullptr);
  }
  const void* no_inputs[] = {nullptr};
  const void* read_outputs[] = {kernel.needs().backward_outputs ? output.data() : nullptr};

  const int64_t before = allocations();
  kernel.forward({.rows = rows,
                  .inputs = inputs,
                  .outputs = outputs,
                  .weights = forward_weights,
                  .saved = saved.data(),
                  .scratch = forward_scratch.data()});
  KernelRun run;
  const bool trains = !given.output_gradient.empty();
  BackwardCall call{.rows = rows,
                    .inputs = kernel.needs().backward_inputs ? inputs : no_inputs,
                    .outputs = read_outputs,
                    .weights = backward_weights,
                    .saved = saved.data(),
                    .scratch = backward_scratch.data(),
                    .output_gradients = output_gradients,
                    .input_gradients = input_gradients,
                    .weight_gradients = weight_gradients};
  if (trains) kernel.backward(call);
  EXPECT_EQ(allocations(), before) << "a kernel must not allocate";
  if (trains && given.weight_gradients) expect_adds(kernel, call, given, output_gradient, gradients);

  run.output.assign(output.begin(), output.begin() + rows * result);
  if (!trains) return run;
  if (given.input_gradient) {
    for (int64_t i = rows * sample; i < grain * sample; ++i)
      EXPECT_EQ(input_gradient[i], 0) << "invalid rows have no gradient";
    run.input_gradient.assign(input_gradient.begin(), input_gradient.begin() + rows * sample);
  }
  for (size_t w = 0; w < kept.size() && given.weight_gradients; ++w) {
    std::vector<float> canonical(given.weights[w].size(), nan);
    if (const WeightLayoutPtr layout = kernel.gradient_layout(static_cast<int>(w))) {
      layout->unpack(gradients[w].data(), canonical.data());
      std::vector<float> again(gradients[w].size());
      layout->pack(canonical.data(), again.data());
      EXPECT_EQ(std::memcmp(again.data(), gradients[w].data(), again.size() * sizeof(float)), 0)
          << "the padding of a gradient must be zero";
    } else {
      canonical = gradients[w];
    }
    run.weight_gradients.push_back(std::move(canonical));
  }
  return run;
}

// What forward of an inference gives when so many lanes share a full grain, one after the other. What none of them
// writes is NaN.
inline std::vector<float> forward_in_shares(Kernel& kernel, int64_t grain, const KernelRunInput& given, int shares) {
  kernel.prepare(1);
  std::vector<std::vector<float>> weights;
  std::vector<const float*> read;
  for (size_t w = 0; w < given.weights.size(); ++w) {
    const WeightLayoutPtr layout = kernel.forward_layout(static_cast<int>(w));
    weights.push_back(given.weights[w]);
    if (layout) {
      weights.back().resize(static_cast<size_t>(layout->bytes() / 4));
      layout->convert(nullptr, given.weights[w].data(), weights.back().data());
    }
  }
  for (const std::vector<float>& weight : weights) read.push_back(weight.data());
  std::vector<float> output(static_cast<size_t>(grain * kernel.outputs()[0].stored_count()),
                            std::numeric_limits<float>::quiet_NaN());
  std::vector<char> saved(static_cast<size_t>(kernel.memory().saved));
  const void* inputs[] = {given.input.data()};
  void* outputs[] = {output.data()};
  for (int share = 0; share < shares; ++share) {
    std::vector<char> scratch(static_cast<size_t>(kernel.memory().forward_scratch));
    kernel.forward({.rows = grain,
                    .inputs = inputs,
                    .outputs = outputs,
                    .weights = read,
                    .saved = saved.data(),
                    .scratch = scratch.data(),
                    .share = {share, shares}});
  }
  return output;
}

inline void expect_close(const std::vector<float>& expected, const std::vector<float>& got, double tolerance,
                         const char* what) {
  ASSERT_EQ(expected.size(), got.size()) << what;
  double largest = 1;
  for (float value : expected) largest = std::max(largest, std::fabs(static_cast<double>(value)));
  for (size_t i = 0; i < expected.size(); ++i)
    ASSERT_LE(std::fabs(static_cast<double>(expected[i]) - got[i]), tolerance * largest) << what << "[" << i << "]";
}

}  // namespace batchwise::trial
