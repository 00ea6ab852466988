// A resume with another model, optimizer, objective or other callbacks than the run's is refused, and harms nothing.
#include <unistd.h>

#include <atomic>
#include <filesystem>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

#include "training/checkpoint/checkpoint.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;
using Callbacks = std::vector<std::shared_ptr<Callback>>;

constexpr int64_t kSamples = 64, kWidth = 6;

Dataset samples() {
  Array x(DType::Float32, {kSamples, kWidth}), y(DType::Float32, {kSamples, 2});
  for (int64_t i = 0; i < kSamples * kWidth; ++i) x.data<float>()[i] = static_cast<float>((i * 37) % 101) / 50.0f - 1;
  for (int64_t i = 0; i < kSamples * 2; ++i) y.data<float>()[i] = static_cast<float>((i * 23) % 11) / 5.0f - 1;
  return Dataset(x, y);
}

struct About {
  int64_t hidden = 4;
  Spec optimizer = Adam();
  Spec loss = MeanSquaredError();
  std::vector<Spec> metrics = {"mae"};
  std::string name = "hidden";
};

Model model_of(const About& about) {
  Model model = Sequential(
      {Input({kWidth}), Dense({.units = about.hidden, .activation = "tanh"}).named(about.name), Dense({.units = 2})});
  model.compile({.optimizer = about.optimizer, .loss = about.loss, .metrics = about.metrics});
  model.initialize(3);
  return model;
}

std::vector<std::vector<float>> weights_of(const Model& model) {
  std::vector<std::vector<float>> all;
  for (const auto& weight : model.weights()) all.push_back(weight->value);
  return all;
}

// Remembers one number, as a callback that counts does.
struct Counter : Callback {
  explicit Counter(std::string name_) : called(std::move(name_)) {}
  void on_epoch_end(int64_t, Logs&, RunControl&) override { ++count; }
  std::string state() const override { return std::to_string(count); }
  void restore(const std::string& state) override { count = std::stoll(state); }
  std::string name() const override { return called; }
  std::string called;
  int64_t count = 0;
};

struct ResumedRun : ::testing::Test {
  void SetUp() override {
    folder = (fs::temp_directory_path() / ("batchwise-resumed-run-" + std::to_string(::getpid()))).string();
    fs::remove_all(folder);
  }
  void TearDown() override { fs::remove_all(folder); }

  FitOptions options(int64_t epochs, const Callbacks& callbacks = {}) const {
    FitOptions options;
    options.batch_size = 16;
    options.epochs = epochs;
    options.verbose = 0;
    options.callbacks = callbacks;
    options.checkpoint = {.directory = folder, .resume = true};
    return options;
  }
  void begin(const About& about, const Callbacks& callbacks = {}) const {
    Model model = model_of(about);
    model.fit(samples(), options(1, callbacks));
  }
  // What is said; the weights and the state of the optimizer must be as they were.
  std::string refusal(const About& about, const Callbacks& callbacks = {}) const {
    Model model = model_of(about);
    FitOptions elsewhere = options(1);
    elsewhere.checkpoint = {};
    model.fit(samples(), elsewhere);
    const auto before = weights_of(model);
    const auto slots = model.optimizer_state().slots;
    std::string said;
    try {
      model.fit(samples(), options(2, callbacks));
      ADD_FAILURE() << "another run was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Input);
      said = error.what();
    }
    EXPECT_EQ(weights_of(model), before) << said;
    EXPECT_EQ(model.optimizer_state().slots, slots) << said;
    return said;
  }
  std::string folder;
};

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(ResumedRun, WithAnotherOptimizerIsRefused) {
  begin({});
  EXPECT_SAYS(refusal({.optimizer = AdamW()}), "the optimizer must be the run's, Adam. Got AdamW.");
  EXPECT_SAYS(refusal({.optimizer = SGD()}), "the optimizer must be the run's, Adam. Got SGD.");
  EXPECT_SAYS(refusal({.optimizer = Adam({.amsgrad = true})}), "variables of the optimizer as in the run, 8. Got 12.");
}

TEST_F(ResumedRun, WithAnotherModelIsRefusedByTheFirstVariableThatDiffers) {
  begin({});
  EXPECT_SAYS(refusal({.hidden = 5}), "the run's, hidden/kernel of 24 values. Got hidden/kernel of 30.");
  EXPECT_SAYS(refusal({.name = "other"}), "the run's, hidden/kernel of 24 values. Got other/kernel of 24.");
}

TEST_F(ResumedRun, WithAnotherLossOrOtherMetricsIsRefused) {
  begin({});
  EXPECT_SAYS(refusal({.loss = MeanAbsoluteError()}), "losses: MeanSquaredError. Got MeanAbsoluteError.");
  EXPECT_SAYS(refusal({.metrics = {"mse"}}), "metrics: loss, mae. Got loss, mse.");
  EXPECT_SAYS(refusal({.metrics = {}}), "metrics: loss, mae. Got loss.");
}

TEST_F(ResumedRun, GoesOnWithOtherArgumentsOfTheSameOptimizer) {
  begin({});
  Model model = model_of({.optimizer = Adam({.learning_rate = 0.5f})});
  EXPECT_NO_THROW(model.fit(samples(), options(2)));
}

TEST_F(ResumedRun, GivesTheStateOfACallbackToNoOther) {
  const auto counter = [](const char* name) { return std::make_shared<Counter>(name); };
  begin({}, {counter("first"), counter("second")});
  EXPECT_SAYS(refusal({}, {counter("second"), counter("first")}), "callback 0 must be the run's first,");
  const auto first = counter("first"), second = counter("second"), third = counter("third");
  Model model = model_of({});
  model.fit(samples(), options(2, {first, second, third}));
  EXPECT_EQ(first->count, 2);
  EXPECT_EQ(second->count, 2);
  EXPECT_EQ(third->count, 1);
}

TEST_F(ResumedRun, SaysWhichStateNobodyTakes) {
  struct Ear : Callback {
    void on_message(const std::string& message) override { heard += message; }
    std::string name() const override { return "first"; }
    std::string heard;
  };
  const auto ear = std::make_shared<Ear>();
  begin({}, {std::make_shared<Counter>("first"), std::make_shared<Counter>("second")});
  Model model = model_of({});
  model.fit(samples(), options(2, {ear}));
  EXPECT_SAYS(ear->heard, "the state of second, which is no longer among the callbacks");
}

TEST_F(ResumedRun, OfACheckpointOfAnotherFormatIsRefused) {
  std::vector<std::string> messages;
  CheckpointWriter(folder, 1, Config::object({{"format", 2}})).commit();
  EXPECT_SAYS(refusal({}), "the checkpoint must be of format 1. Got 2.");
}

// Batches that are shuffled as a whole begin where batches of this size do: others would take samples twice and others
// never.
// Ends the run in the middle of its second epoch; where it interrupts, the checkpoint is of that very batch.
struct Stop : Callback {
  explicit Stop(bool interrupts_) : interrupts(interrupts_) {}
  void on_train_batch_end(int64_t, const Logs&, RunControl& run) override {
    if (++batches != 5) return;
    run.stop();
    now = interrupts;
  }
  bool interrupts;
  int batches = 0;
  std::atomic<bool> now = false;
};

TEST_F(ResumedRun, OfABatchAtWhichACallbackStoppedEndsItsEpoch) {
  FitOptions whole = options(3, {std::make_shared<Stop>(false)});
  whole.checkpoint = {};
  whole.validation_split = 0.25;
  Model model = model_of({});
  const History expected = model.fit(samples(), whole);
  ASSERT_EQ(expected["val_loss"].size(), 2u);

  const auto stop = std::make_shared<Stop>(true);
  FitOptions cut = options(3, {stop});
  cut.validation_split = 0.25;
  cut.interrupt = &stop->now;
  Model again = model_of({});
  EXPECT_THROW(again.fit(samples(), cut), Error);
  cut.interrupt = nullptr;
  cut.callbacks = {std::make_shared<Stop>(false)};
  Model resumed = model_of({});
  const History history = resumed.fit(samples(), cut);
  EXPECT_EQ(history["loss"], expected["loss"]);
  EXPECT_EQ(history["val_loss"], expected["val_loss"]);
}

TEST_F(ResumedRun, InAnotherOrderIsRefused) {
  const auto resumed = [&](Shuffle shuffle, int64_t batch_size) -> std::string {
    Model model = model_of({});
    FitOptions other = options(2);
    other.shuffle = shuffle;
    other.batch_size = batch_size;
    try {
      model.fit(samples(), other);
      return "";
    } catch (const Error& error) { return error.what(); }
  };
  EXPECT_EQ(resumed(Shuffle::Yes, 16), "");
  EXPECT_SAYS(resumed(Shuffle::No, 16), "[resume] the shuffle must be the run's, yes. Got no.");
  EXPECT_SAYS(resumed(Shuffle::WithinBatches, 16), "the shuffle must be the run's, yes. Got within batches.");
  EXPECT_EQ(resumed(Shuffle::Yes, 24), "");
  fs::remove_all(folder);
  EXPECT_EQ(resumed(Shuffle::WithinBatches, 16), "");
  EXPECT_SAYS(resumed(Shuffle::WithinBatches, 24), "the batch size must be the run's, 16. Got 24.");
  EXPECT_EQ(resumed(Shuffle::WithinBatches, 16), "");
}

}  // namespace
}  // namespace batchwise
