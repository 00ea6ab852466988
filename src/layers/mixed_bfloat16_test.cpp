// What every registered layer must hold under the policy mixed_bfloat16.
#include <cstring>

#include "layers/contract_subject.h"

namespace batchwise {
namespace {

using namespace contract;

double root_mean_square(const Array& array, const Array* less = nullptr) {
  double sum = 0;
  for (int64_t e = 0; e < array.count(); ++e) {
    const double value = static_cast<double>(array.data<float>()[e]) - (less ? less->data<float>()[e] : 0);
    sum += value * value;
  }
  return array.empty() ? 0 : std::sqrt(sum / static_cast<double>(array.count()));
}

// Operands are rounded to 8 bits, each by a 512th at most; sums of many average it out. A ReLU may open where it was
// closed, so that single elements of gradients are far apart; some gradients, as of the bias of keys, are sums that
// cancel. They are compared as a whole, with the largest of their kind.
void expect_near(const std::vector<Array>& whole, const std::vector<Array>& rounded, double limit, const char* what) {
  ASSERT_EQ(whole.size(), rounded.size());
  double largest = 1e-3;
  for (const Array& array : whole) largest = std::max(largest, root_mean_square(array));
  for (size_t i = 0; i < whole.size(); ++i)
    EXPECT_LT(root_mean_square(whole[i], &rounded[i]), limit * largest) << what << i;
}

template <class Check>
void for_each_in_bfloat16(Check check) {
  for_each_subject([&](Subject subject) {
    subject.policy = DTypePolicy::MixedBfloat16;
    check(subject);
  });
}

TEST(MixedBfloat16, IsNearFloat32AndChangesWhatMultiplies) {
  std::set<std::string> changed;
  for_each_in_bfloat16([&](Subject subject) {
    const TrialResult rounded = subject.run({.grain = 4});
    subject.policy = DTypePolicy::Float32;
    const TrialResult whole = subject.run({.grain = 4});
    expect_near(whole.outputs, rounded.outputs, 0.01, "output ");
    expect_near(whole.input_gradients, rounded.input_gradients, 0.1, "input gradient ");
    expect_near(whole.weight_gradients, rounded.weight_gradients, 0.1, "weight gradient ");
    for (size_t i = 0; i < whole.outputs.size(); ++i)
      if (std::memcmp(whole.outputs[i].raw(), rounded.outputs[i].raw(), static_cast<size_t>(whole.outputs[i].bytes())))
        changed.insert(subject.class_name);
  });
  for (const char* name : {"Dense",
                           "EinsumDense",
                           "Conv1D",
                           "Conv2D",
                           "Conv3D",
                           "Conv1DTranspose",
                           "Conv2DTranspose",
                           "SeparableConv2D",
                           "LSTM",
                           "GRU",
                           "SimpleRNN",
                           "ConvLSTM2D",
                           "Bidirectional",
                           "TimeDistributed",
                           "Attention",
                           "MultiHeadAttention",
                           "GroupQueryAttention",
                           "Dot",
                           "ops.numpy.Matmul",
                           "ops.numpy.Einsum"})
    EXPECT_EQ(changed.count(name), 1u) << name;
  for (const char* name : {"BatchNormalization", "LayerNormalization", "Softmax", "ReLU", "MaxPooling2D"})
    EXPECT_EQ(changed.count(name), 0u) << name;
}

TEST(MixedBfloat16, GivesGrainsNothingButRounding) {
  for_each_in_bfloat16([](const Subject& subject) {
    const TrialResult whole = subject.run({.grain = 8});
    expect_close(whole, subject.run({.grain = 8}), 0);
    for (const int64_t grain : {1, 3}) expect_close(whole, subject.run({.grain = grain * subject.together()}), 1e-5);
  });
}

TEST(MixedBfloat16, PredictsASampleWhateverItsNeighbours) {
  for_each_in_bfloat16([](const Subject& subject) {
    const TrialResult together = subject.run({.grain = 8, .training = false}),
                      apart = subject.run({.grain = subject.together(), .training = false});
    expect_close(together.outputs, apart.outputs, 0, "output ");
  });
}

}  // namespace
}  // namespace batchwise
