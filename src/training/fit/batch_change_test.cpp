// A run whose batch size changes, and that is looked at from a copy: the same bits as runs that do it by other means.
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

struct Task {
  Array x, y;
  Task() {
    std::mt19937_64 random(3);
    std::normal_distribution<float> normal;
    std::vector<float> xs, ys;
    for (int r = 0; r < 600; ++r) {
      float sum = 0;
      for (int i = 0; i < 6; ++i) sum += xs.emplace_back(normal(random));
      ys.push_back(std::tanh(sum) + 0.1f * normal(random));
    }
    x = Array::from(xs, {600, 6});
    y = Array::from(ys, {600, 1});
  }
  Model model() const {
    Model made = Sequential(
        {Input({6}), Dense({.units = 16, .activation = "tanh"}), Dropout({.rate = 0.1f}), Dense({.units = 1})});
    made.initialize(5);
    made.compile({.optimizer = Adam({.learning_rate = 1e-2f}), .loss = "mse"});
    return made;
  }
  FitOptions options() const {
    FitOptions options;
    options.batch_size = 30;
    options.epochs = 2;
    options.verbose = 0;
    options.memory = MiB(256);
    return options;
  }
};

void expect_same(const Model& a, const Model& b) {
  const auto left = a.get_weights(), right = b.get_weights();
  ASSERT_EQ(left.size(), right.size());
  for (size_t w = 0; w < left.size(); ++w)
    for (int64_t i = 0; i < left[w].shape().count(); ++i)
      ASSERT_EQ(left[w].data<float>()[i], right[w].data<float>()[i]) << w;
}

Dataset streamed(const Task& task) {
  return Dataset(task.x, task.y).batch(25).filter([](const Element&) { return true; });
}

// Calls `act` after update `at` of the run.
class At : public Callback {
 public:
  At(int64_t at, std::function<void(RunControl&)> act) : at_(at), act_(std::move(act)) {}
  void on_train_batch_end(int64_t, const Logs&, RunControl& run) override {
    if (run.progress().updates == at_) act_(run);
  }
  void on_batch_size(const RunProgress& now, int64_t before, const std::string&) override {
    seen.push_back({before, now.batch_size});
  }
  int64_t largest_batch_size() const override { return largest; }
  std::vector<std::pair<int64_t, int64_t>> seen;
  int64_t largest = 0;

 private:
  int64_t at_;
  std::function<void(RunControl&)> act_;
};

TEST(BatchChange, InTheMiddleOfARunEqualsAResumeWithTheOtherBatchSize) {
  const Task task;
  Model changed = task.model();
  FitOptions options = task.options();
  const auto at = std::make_shared<At>(7, [](RunControl& run) { run.set_batch_size(64); });
  options.callbacks = {at};
  changed.fit(task.x, task.y, options);
  EXPECT_EQ(at->seen, (std::vector<std::pair<int64_t, int64_t>>{{30, 64}}));

  const std::string folder = std::filesystem::temp_directory_path() / "bw_batch_change";
  std::filesystem::remove_all(folder);
  Model resumed = task.model();
  options.callbacks = {std::make_shared<At>(7, [](RunControl&) { throw Error(ErrorKind::Run, "stop here"); })};
  options.checkpoint = {.directory = folder, .every_steps = 6, .resume = false};
  std::atomic<bool> interrupt = false;
  options.callbacks = {std::make_shared<At>(7, [&](RunControl&) { interrupt = true; })};
  options.interrupt = &interrupt;
  EXPECT_THROW(resumed.fit(task.x, task.y, options), Error);
  options.interrupt = nullptr;
  options.callbacks.clear();
  options.checkpoint.resume = true;
  options.batch_size = 64;
  Model fresh = task.model();
  fresh.fit(task.x, task.y, options);
  expect_same(changed, fresh);
  std::filesystem::remove_all(folder);
}

TEST(BatchChange, ThatDoesNotFitIsRefusedAndTheRunGoesOn) {
  const Task task;
  Model plain = task.model(), asked = task.model();
  FitOptions options = task.options();
  plain.fit(task.x, task.y, options);
  bool refused = false;
  options.callbacks = {std::make_shared<At>(7, [&](RunControl& run) {
    try {
      run.set_batch_size(int64_t{1} << 36);
    } catch (const BudgetError&) { refused = true; }
  })};
  asked.fit(task.x, task.y, options);
  EXPECT_TRUE(refused);
  expect_same(plain, asked);
}

TEST(BatchChange, ThatWillNotFitIsRefusedBeforeTheFirstStep) {
  const Task task;
  Model model = task.model();
  const Model before = model.copy();
  FitOptions options = task.options();
  const auto at = std::make_shared<At>(7, [](RunControl&) {});
  at->largest = int64_t{1} << 36;
  options.callbacks = {at};
  EXPECT_THROW(model.fit(task.x, task.y, options), BudgetError);
  expect_same(model, before);
}

TEST(BatchChange, ACopyMayBeTrainedInTheMiddleOfARunWhichThenGoesOnToTheSameBits) {
  const Task task;
  Model plain = task.model(), looked_at = task.model();
  FitOptions options = task.options();
  plain.fit(task.x, task.y, options);
  double loss = 0;
  options.callbacks = {std::make_shared<At>(11, [&](RunControl& run) {
    run.with_copy([&](Model& copy) {
      loss = copy.fit(task.x, task.y, task.options())["loss"].back();
      EXPECT_GT(copy.optimizer_state().iterations, 11);
    });
  })};
  looked_at.fit(task.x, task.y, options);
  EXPECT_GT(loss, 0);
  expect_same(plain, looked_at);
  EXPECT_EQ(plain.optimizer_state().iterations, looked_at.optimizer_state().iterations);
}

TEST(BatchChange, OfAStreamContinuesAtTheSameSample) {
  const Task task;
  Model changed = task.model(), arrays = task.model();
  FitOptions options = task.options();
  options.shuffle = Shuffle::No;
  options.epochs = 1;
  const auto change = [](RunControl& run) { run.set_batch_size(64); };
  options.callbacks = {std::make_shared<At>(7, change)};
  arrays.fit(task.x, task.y, options);
  options.callbacks = {std::make_shared<At>(7, change)};
  changed.fit(streamed(task), options);
  expect_same(changed, arrays);
}

// Unlike a mean over samples, it depends on how they are grouped.
Model summing(const Task& task) {
  Model model = task.model();
  model.compile({.optimizer = Adam({.learning_rate = 1e-3f}), .loss = MeanSquaredError({.reduction = "sum"})});
  return model;
}

TEST(BatchChange, OfAStreamThatDoesNotFitIsRefusedAndTheRunGoesOn) {
  const Task task;
  for (const int64_t size : {int64_t{8'000'000}, int64_t{1} << 36}) {
    Model plain = task.model(), asked = task.model();
    FitOptions options = task.options();
    options.memory = MiB(128);
    options.validation_data = streamed(task);
    plain.fit(streamed(task), options);
    bool refused = false;
    options.callbacks = {std::make_shared<At>(7, [&](RunControl& run) {
      try {
        run.set_batch_size(size);
      } catch (const BudgetError&) { refused = true; }
      EXPECT_EQ(run.progress().batch_size, 30);
    })};
    asked.fit(streamed(task), options);
    EXPECT_TRUE(refused);
    expect_same(plain, asked);
  }
}

TEST(BatchChange, OfAStreamThatWillNotFitIsRefusedBeforeTheFirstStep) {
  const Task task;
  Model model = task.model();
  FitOptions options = task.options();
  options.memory = MiB(128);
  int64_t steps = 0;
  const auto at = std::make_shared<At>(1, [&](RunControl&) { ++steps; });
  at->largest = 8'000'000;
  options.callbacks = {at};
  EXPECT_THROW(model.fit(streamed(task), options), BudgetError);
  EXPECT_EQ(steps, 0);
}

TEST(BatchChange, OfAStreamIsRefusedWithoutItsSamplesTakingMemory) {
  const Task task;
  FitOptions options = task.options();
  options.batch_size = int64_t{1} << 36;
  const Dataset data = streamed(task);
  EXPECT_THROW(task.model().fit(data, options), BudgetError);
  EXPECT_THROW(task.model().plan({.batch_size = options.batch_size, .memory = MiB(256), .data = &data}), BudgetError);
}

TEST(BatchChange, CutsValidationThatIsStreamedAsThatWhichIsNot) {
  const Task task;
  FitOptions options = task.options();
  const auto losses = [&](const Dataset& validation) {
    Model model = summing(task);
    options.validation_data = validation;
    options.callbacks = {std::make_shared<At>(7, [](RunControl& run) { run.set_batch_size(100); })};
    return model.fit(task.x, task.y, options)["val_loss"];
  };
  EXPECT_EQ(losses(streamed(task)), losses(Dataset(task.x, task.y)));
}

// The addresses of the process are limited to what it has, and some: the plan fits, and there is no memory for it.
struct FewAddresses {
  FewAddresses() {
    std::ifstream statm("/proc/self/statm");
    rlim_t pages = 0;
    statm >> pages;
    ::getrlimit(RLIMIT_AS, &before);
    const rlimit few{pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + static_cast<rlim_t>(MiB(48)),
                     before.rlim_max};
    ::setrlimit(RLIMIT_AS, &few);
  }
  ~FewAddresses() { ::setrlimit(RLIMIT_AS, &before); }
  rlimit before{};
};

TEST(BatchChange, ThatTheSystemHasNoMemoryForIsRefusedAndTheRunGoesOn) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer takes the addresses";
#endif
  const Task task;
  Model plain = task.model(), asked = task.model();
  FitOptions options = task.options();
  options.memory = GiB(1);
  plain.fit(streamed(task), options);
  options.callbacks = {std::make_shared<At>(7, [&](RunControl& run) {
    const FewAddresses few;
    EXPECT_THROW(run.set_batch_size(4'000'000), BudgetError);
    EXPECT_EQ(run.progress().batch_size, 30);
  })};
  asked.fit(streamed(task), options);
  expect_same(plain, asked);
}

TEST(BatchChange, ACopyCountsTheSamplesThatItWasTrainedOn) {
  const Task task;
  Model model = task.model();
  FitOptions options = task.options();
  uint64_t samples = 0;
  options.callbacks = {std::make_shared<At>(
      11, [&](RunControl& run) { run.with_copy([&](Model& copy) { samples = copy.optimizer_state().samples; }); })};
  model.fit(task.x, task.y, options);
  EXPECT_EQ(samples, 330u);
}

TEST(BatchChange, WorkOnACopyMayFailAndTheRunGoesOn) {
  const Task task;
  Model plain = task.model(), looked_at = task.model();
  FitOptions options = task.options();
  plain.fit(task.x, task.y, options);
  options.callbacks = {std::make_shared<At>(11, [&](RunControl& run) {
    EXPECT_THROW(run.with_copy([](Model&) { fail_run("test", "the work fails."); }), Error);
    EXPECT_NO_THROW(run.get_weights());
  })};
  looked_at.fit(task.x, task.y, options);
  expect_same(plain, looked_at);
}

TEST(BatchChange, WorkOnACopyThatFailsTheRunLeavesTheModelWhereItStood) {
  const Task task;
  Model model = task.model();
  FitOptions options = task.options();
  options.callbacks = {std::make_shared<At>(
      11, [&](RunControl& run) { run.with_copy([](Model&) { fail_run("test", "the work fails."); }); })};
  EXPECT_THROW(model.fit(task.x, task.y, options), Error);
  EXPECT_EQ(model.optimizer_state().iterations, 11);
  EXPECT_EQ(model.optimizer_state().samples, 330u);
}

TEST(BatchChange, TheRunHasNothingToGiveWhileWorkIsDoneOnACopy) {
  const Task task;
  Model plain = task.model(), looked_at = task.model();
  FitOptions options = task.options();
  plain.fit(task.x, task.y, options);
  options.callbacks = {std::make_shared<At>(11, [&](RunControl& run) {
    run.with_copy([&](Model&) {
      EXPECT_THROW(run.get_weights(), Error);
      EXPECT_THROW(run.learning_rate(), Error);
      EXPECT_THROW(run.set_batch_size(64), Error);
      EXPECT_THROW(run.with_copy([](Model&) {}), Error);
    });
    EXPECT_EQ(run.progress().batch_size, 30);
  })};
  looked_at.fit(task.x, task.y, options);
  expect_same(plain, looked_at);
}

}  // namespace
}  // namespace batchwise
