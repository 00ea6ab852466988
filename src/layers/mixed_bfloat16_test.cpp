// What every registered layer must hold under the policy mixed_bfloat16.
#include <cstring>

#include "layers/contract_subject.h"

namespace batchwise {
namespace {

using namespace contract;

// Operands are rounded to 8 bits, each by a 512th at most; sums of many average it out.
constexpr double kRounding = 0.03;

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
    expect_close(whole, rounded, kRounding);
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
