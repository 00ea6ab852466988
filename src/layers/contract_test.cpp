// What every registered layer must hold, whatever it computes: its examples against the contract of
// <batchwise/kernel.h>.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "layers/contract_subject.h"
#include "layers/counted_allocations.h"

namespace batchwise {
namespace {

// Layers whose training changes a weight before it is used: its gradient is that of what was used. Golden values have
// it.
const std::set<std::string> kMoved = {"SpectralNormalization"};

using namespace contract;

TEST(Contract, EveryExampleAcceptsSomeOfTheInputs) {
  const std::vector<Subject> all = subjects();
  for (const std::string& name : Registry<Layer>::instance().names())
    for (const Config& config : Registry<Layer>::instance().find(name)->examples)
      EXPECT_TRUE(!works_on_floats(*Registry<Layer>::instance().make({name, config}, "contract")) ||
                  std::any_of(all.begin(), all.end(),
                              [&](const Subject& s) { return s.class_name == name && s.config == config; }))
          << name << " " << config.text();
}

TEST(Contract, ConfigsMakeTheSameLayerAgain) {
  for_each_subject([](const Subject& subject) {
    const auto layer = subject.layer();
    EXPECT_EQ(layer->class_name(), subject.class_name);
    const Config config = layer->config();
    EXPECT_EQ(Registry<Layer>::instance().make({subject.class_name, config}, "again")->config().text(), config.text());
  });
}

TEST(Contract, UnknownArgumentsAreRefused) {
  for (const std::string& name : Registry<Layer>::instance().names()) {
    Config config = Registry<Layer>::instance().find(name)->examples.at(0);
    config.set("no_such_argument", 1);
    EXPECT_THROW(Registry<Layer>::instance().make({name, config}, "contract"), Error) << name;
  }
}

TEST(Contract, ShapesAreThoseThatTheLayerInferred) {
  for_each_subject([](const Subject& subject) {
    const Shapes inferred = subject.layer()->output_shapes(subject.shapes);
    const TrialResult result = subject.run({.grain = 4 * subject.together(), .training = false});
    ASSERT_EQ(result.outputs.size(), inferred.size());
    for (size_t i = 0; i < inferred.size(); ++i) EXPECT_EQ(result.outputs[i].shape(), inferred[i].with_batch(kSamples));
  });
}

// Results of training do not depend on how samples are split into grains, nor on rows beyond the valid ones, up to the
// rounding of another order; and twice the same run gives the same bits.
TEST(Contract, GrainsChangeNothingButRounding) {
  for_each_subject([](const Subject& subject) {
    const TrialResult whole = subject.run({.grain = 8});
    for (const int64_t grain : {1, 2, 3, 4})
      expect_close(whole, subject.run({.grain = grain * subject.together()}), 1e-5);
    expect_close(whole, subject.run({.grain = 8}), 0);
  });
}

TEST(Contract, LayoutsChangeNothingButRounding) {
  for_each_subject([](const Subject& subject) {
    if (subject.shapes[0].rank() != 3 || subject.class_name == "Dropout") return;  // what is dropped follows the memory
    const TrialResult plain = subject.run({.grain = 4});
    for (const int block : {8, 16}) expect_close(plain, subject.run({.grain = 4, .channel_block = block}), 1e-5);
  });
}

TEST(Contract, SharingMemoryChangesNothing) {
  for_each_subject([](const Subject& subject) {
    for (const bool training : {false, true})
      for (const int block : {0, 16})
        expect_close(subject.run({.grain = 4, .training = training, .channel_block = block}),
                     subject.run({.grain = 4, .training = training, .in_place = true, .channel_block = block}), 0);
  });
}

TEST(Contract, WeightsLearnTheSameWithAndWithoutGradientsOfInputs) {
  for_each_subject([](const Subject& subject) {
    const TrialResult both = subject.run({.grain = 4}), alone = subject.run({.grain = 4, .input_gradients = false});
    for (const Array& gradient : alone.input_gradients) EXPECT_TRUE(gradient.empty());
    if (!both.weights.empty()) expect_close(both.weight_gradients, alone.weight_gradients, 1e-5, "weight gradient ");
  });
}

// Prediction: the same bits for a sample whatever its neighbours, its place in the grain, and how full the grain is.
TEST(Contract, PredictionsOfASampleDoNotDependOnItsNeighbours) {
  for_each_subject([](const Subject& subject) {
    std::vector<Array> reversed, inputs = subject.inputs();
    for (const Array& array : inputs) {
      Array turned = array.clone();
      for (int64_t row = 0; row < kSamples; ++row)
        std::memcpy(turned.slice(row, 1).raw(), array.slice(kSamples - 1 - row, 1).raw(),
                    static_cast<size_t>(array.slice(0, 1).bytes()));
      reversed.push_back(turned);
    }
    const TrialOptions options{.grain = 4, .training = false};
    const TrialResult a = subject.run(options, inputs, subject.weights()),
                      b = subject.run(options, reversed, subject.weights());
    for (size_t i = 0; i < a.outputs.size(); ++i)
      for (int64_t row = 0; row < kSamples; ++row)
        EXPECT_EQ(std::memcmp(a.outputs[i].slice(row, 1).raw(), b.outputs[i].slice(kSamples - 1 - row, 1).raw(),
                              static_cast<size_t>(a.outputs[i].slice(0, 1).bytes())),
                  0)
            << "output " << i << " of sample " << row;
  });
}

TEST(Contract, PredictionsDoNotDependOnTheGrain) {
  for_each_subject([](const Subject& subject) {
    const TrialResult whole = subject.run({.grain = 8, .training = false});
    for (const int64_t grain : {1, 2, 3, 4, 5})
      expect_same_outputs(whole, subject.run({.grain = grain * subject.together(), .training = false}));
  });
}

TEST(Contract, NothingIsAllocatedInsideCalls) {
#ifdef BATCHWISE_COUNTS_ALLOCATIONS
  int64_t calls = 0;
  for_each_subject([&](Subject subject) {
    for (const DTypePolicy policy : {DTypePolicy::Float32, DTypePolicy::MixedBfloat16}) {
      subject.policy = policy;
      AllocationCount::seen = 0;
      TrialOptions options{.grain = 4};
      options.around_call = [&](bool before) {
        calls += before;
        AllocationCount::counting = before;
      };
      subject.run(options);
      EXPECT_EQ(AllocationCount::seen, 0) << name_of(policy);
    }
  });
  EXPECT_GT(calls, 100);
  AllocationCount::seen = 0;
  AllocationCount::counting = true;
  void* volatile kept = ::operator new(16);
  AllocationCount::counting = false;
  ::operator delete(kept);
  EXPECT_EQ(AllocationCount::seen, 1) << "the counter must work";
#else
  GTEST_SKIP() << "the sanitizer brings an allocator of its own";
#endif
}

// The scalar whose gradient the trial computes.
double objective(const Subject& subject, const std::vector<Array>& inputs, const std::vector<Array>& weights,
                 const std::vector<Array>& dy) {
  const auto layer = subject.layer();
  const TrialResult result = try_layer(*layer, inputs, weights, {}, {.grain = 4});
  double sum = result.added_loss / kSamples;
  for (size_t i = 0; i < dy.size(); ++i)
    for (int64_t e = 0; e < dy[i].count(); ++e)
      sum += static_cast<double>(dy[i].data<float>()[e]) * result.outputs[i].data<float>()[e];
  return sum;
}

// Central differences of the float32 forward pass: rounding of about 1e-7 * sqrt(elements) over the step stays below
// 4e-3 of the largest gradient. Elements at a kink, where the two sides or half the step give another slope, are passed
// over: a tenth at most.
void check_gradient(const Subject& subject, const std::vector<Array>& inputs, const std::vector<Array>& weights,
                    Array& changed, const Array& gradient, const std::string& what, int& checked, int& kinks) {
  constexpr float kStep = 2e-3f;
  const std::vector<Array> dy = subject.output_gradients();
  const double limit = 4e-3 * largest(gradient), middle = objective(subject, inputs, weights, dy);
  const int64_t stride = std::max<int64_t>(1, changed.count() / 7);
  for (int64_t e = 0; e < changed.count(); e += stride) {
    float& element = changed.data<float>()[e];
    const float before = element;
    struct Slopes {
      double left, right, central;
    };
    const auto slopes = [&](float step) {
      const float high = before + step, low = before - step;
      element = high;
      const double up = objective(subject, inputs, weights, dy);
      element = low;
      const double down = objective(subject, inputs, weights, dy);
      element = before;
      return Slopes{(middle - down) / (static_cast<double>(before) - low),
                    (up - middle) / (static_cast<double>(high) - before),
                    (up - down) / (static_cast<double>(high) - low)};
    };
    const Slopes wide = slopes(kStep), narrow = slopes(kStep / 2);
    ++checked;
    if (std::fabs(wide.central - narrow.central) > limit || std::fabs(narrow.left - narrow.right) > 2 * limit) ++kinks;
    else EXPECT_NEAR(narrow.central, gradient.data<float>()[e], limit) << what << "[" << e << "]";
  }
}

TEST(Contract, GradientsAreThoseOfTheForwardPass) {
  int checked = 0, kinks = 0;
  for_each_subject([&](const Subject& subject) {
    if (!subject.learns() || subject.class_name == "ops.core.StopGradient") return;
    std::vector<Array> inputs = subject.inputs(), weights = subject.weights();
    const TrialResult result = subject.run({.grain = 4}, inputs, weights);
    for (size_t i = 0; i < inputs.size(); ++i)
      check_gradient(subject, inputs, weights, inputs[i], result.input_gradients[i], "input " + std::to_string(i),
                     checked, kinks);
    for (size_t i = 0; i < weights.size(); ++i)
      if (!result.weight_gradients[i].empty() && !kMoved.count(subject.class_name))
        check_gradient(subject, inputs, weights, weights[i], result.weight_gradients[i], "weight " + std::to_string(i),
                       checked, kinks);
  });
  EXPECT_GT(checked, 500);
  EXPECT_LT(kinks, checked / 10);
}

}  // namespace
}  // namespace batchwise
