// What callbacks hear of an evaluation.
#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

class Heard : public Callback {
 public:
  void on_test_begin(const RunFacts& facts) override {
    stated = facts.steps;
    steps.clear();
  }
  void on_test_batch_end(int64_t step, const Logs& logs) override {
    steps.push_back(step);
    last = *find_log(logs, "loss");
  }
  int64_t stated = 0;
  std::vector<int64_t> steps;
  double last = 0;
};

constexpr int64_t kSamples = 20000, kSteps = (kSamples + 31) / 32;

struct Task {
  Task() : model(Sequential({Input({64}), Dense({.units = 1})})), x(DType::Float32, {kSamples, 64}) {
    model.compile({.loss = "mean_squared_error"});
    model.initialize(1);
    for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = static_cast<float>(i % 17) / 17;
  }
  Dataset data() const { return {x, Array(DType::Float32, {kSamples, 1})}; }
  Model model;
  Array x;
};

void expect_steps(const Heard& heard, double loss) {
  EXPECT_EQ(heard.stated, kSteps);
  ASSERT_GT(heard.steps.size(), 1u);
  EXPECT_TRUE(std::is_sorted(heard.steps.begin(), heard.steps.end()));
  EXPECT_EQ(heard.steps.back(), kSteps - 1);
  EXPECT_DOUBLE_EQ(heard.last, loss);
}

TEST(Evaluation, TellsCallbacksHowFarItIs) {
  const Task task;
  const auto heard = std::make_shared<Heard>();
  const Logs logs = task.model.evaluate(task.data(), {.batch_size = 32, .callbacks = {heard}});
  expect_steps(*heard, *find_log(logs, "loss"));
}

TEST(Evaluation, OfAStreamTellsCallbacksToo) {
  const Task task;
  const auto heard = std::make_shared<Heard>();
  const Dataset stream = task.data().batch(7).filter([](const Element&) { return true; });
  const Logs logs = task.model.evaluate(stream, {.batch_size = 32, .callbacks = {heard}});
  ASSERT_GT(heard->steps.size(), 1u);
  EXPECT_EQ(heard->steps.back(), kSteps - 1);
  EXPECT_DOUBLE_EQ(heard->last, *find_log(logs, "loss"));
}

TEST(Evaluation, DuringFitIsHeardLikeAnyOther) {
  Task task;
  const auto heard = std::make_shared<Heard>();
  const History history = task.model.fit(
      task.data(), {.batch_size = 32, .epochs = 1, .validation_data = task.data(), .callbacks = {heard}});
  expect_steps(*heard, history["val_loss"].back());
}

TEST(Evaluation, OfEndlessDataDuringFitNeedsAStatedLength) {
  Task task;
  FitOptions options{.batch_size = 1000, .validation_data = task.data().repeat(), .verbose = 0};
  const auto heard = std::make_shared<Heard>();
  options.callbacks = {heard};
  try {
    task.model.fit(task.data(), options);
    FAIL() << "it came to an end";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "[fit] endless validation data needs validation_steps. Got none.");
  }
  options.validation_steps = 3;
  task.model.fit(task.data(), options);
  EXPECT_EQ(heard->stated, 3);
}

}  // namespace
}  // namespace batchwise
