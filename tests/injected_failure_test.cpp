// Failures put into every moment of fit: the model keeps the last completed step, and going on gives the same bits.
#include <cmath>
#include <functional>
#include <iostream>
#include <limits>
#include <map>

#include "tests/failing_run.h"

namespace batchwise {
namespace {

struct Sabotage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws at the n-th call of any of its methods.
class Saboteur final : public Callback {
 public:
  explicit Saboteur(int64_t at) : left_(at) {}
  void on_plan(const Plan&) override { call("on_plan"); }
  void on_message(const std::string&) override { call("on_message"); }
  void on_train_begin(const RunFacts&, RunControl& run) override {
    call("on_train_begin");
    run.message("begins");
  }
  void on_epoch_begin(int64_t, RunControl& run) override {
    call("on_epoch_begin");
    run.message("an epoch begins");
  }
  void on_train_batch_end(int64_t, const Logs&, RunControl&) override {
    ++steps;
    call("on_train_batch_end");
  }
  void on_test_begin(const RunFacts&) override { call("on_test_begin"); }
  void on_test_batch_end(int64_t, const Logs&) override { call("on_test_batch_end"); }
  void on_test_end(const Logs&) override { call("on_test_end"); }
  void on_epoch_end(int64_t, Logs&, RunControl&) override { call("on_epoch_end"); }
  void on_train_end(const Logs&, RunControl&) override { call("on_train_end"); }
  int64_t memory(int64_t) const override {
    call("memory");
    return 0;
  }
  std::string state() const override {
    call("state");
    return "mine";
  }
  void restore(const std::string& state) override {
    EXPECT_EQ(state, "mine");
    call("restore");
  }
  std::string name() const override {
    call("name");
    return "Saboteur";
  }

  mutable std::string failed;  // the method that threw; empty: none
  int64_t steps = 0;

 private:
  void call(const char* method) const {
    if (--left_ != 0) return;
    failed = method;
    throw Sabotage(method);
  }
  mutable int64_t left_;
};

struct InjectedFailure : FailingRun {
  // After a failure: the last completed step is there, and a resumed run ends with the uninterrupted run's bits.
  void expect_good(Net net, Model& model, const Dataset& data, const std::vector<std::string>& states,
                   const FitOptions& again) {
    const int64_t steps = model.optimizer_state().iterations;
    ASSERT_LE(steps, kSteps);
    EXPECT_TRUE(state_of(model) == states[static_cast<size_t>(steps)]) << "not the state after " << steps << " steps";
    const bool checkpoint = std::filesystem::exists(folder) && !std::filesystem::is_empty(folder);
    Model resumed = checkpoint && steps % 2 == 0 ? model : make(net);  // the model's own values do not matter then
    FitOptions o = again;
    o.checkpoint.resume = true;
    o.callbacks.clear();
    resumed.fit(data, o);
    EXPECT_TRUE(state_of(resumed) == states.back()) << "after a failure behind " << steps << " steps";
  }
};

TEST_F(InjectedFailure, InEveryCallbackAtEveryMoment) {
  for (const Net net : {Net::Mlp, Net::Cnn}) {
    const Dataset data(x, y);
    const std::vector<std::string> states = this->states(net, data);
    std::map<std::string, int> failures;
    for (int64_t at = 1;; ++at) {
      std::filesystem::remove_all(folder);
      Model model = make(net);
      auto saboteur = std::make_shared<Saboteur>(at);
      FitOptions o = with_checkpoints();
      o.checkpoint.every_steps = 3;
      o.validation_data = data;
      o.callbacks = {saboteur};
      try {
        model.fit(data, o);
      } catch (const Sabotage& error) { EXPECT_EQ(error.what(), saboteur->failed); }
      if (saboteur->failed.empty()) break;
      SCOPED_TRACE(saboteur->failed + ", call " + std::to_string(at));
      ++failures[saboteur->failed];
      EXPECT_EQ(model.optimizer_state().iterations, saboteur->steps);
      expect_good(net, model, data, states, o);
    }
    for (const char* method :
         {"on_plan", "on_message", "on_train_begin", "on_epoch_begin", "on_train_batch_end", "on_test_begin",
          "on_test_batch_end", "on_test_end", "on_epoch_end", "on_train_end", "memory", "state", "name"})
      EXPECT_GT(failures[method], 0) << method;
    EXPECT_EQ(failures["on_train_batch_end"], kSteps);
  }
}

TEST_F(InjectedFailure, InACallbackThatIsGivenItsStateBack) {
  const Dataset data(x, y);
  const std::vector<std::string> states = this->states(Net::Cnn, data);
  FitOptions o = with_checkpoints();
  Model model = make(Net::Cnn);
  o.callbacks = {std::make_shared<Saboteur>(20)};
  EXPECT_THROW(model.fit(data, o), Sabotage);
  int restores = 0;
  for (int64_t at = 1; restores == 0; ++at) {
    Model other = make(Net::Cnn);
    auto saboteur = std::make_shared<Saboteur>(at);
    o.callbacks = {saboteur};
    o.checkpoint.resume = true;
    EXPECT_THROW(other.fit(data, o), Sabotage);
    restores += saboteur->failed == "restore";
    ASSERT_NE(saboteur->failed, "on_train_begin");
  }
  expect_good(Net::Cnn, model, data, states, o);
}

TEST_F(InjectedFailure, InEveryFetchOnAnyNumberOfLanes) {
  int runs = 0;
  for (const Net net : {Net::Mlp, Net::Cnn})
    for (const int lanes : {1, 2, 3, 5}) {
      const Dataset data(source, 1, 1);
      const std::vector<std::string> states = this->states(net, data);
      for (int64_t at = 1;; at += lanes == 2 ? 1 : 7) {
        std::filesystem::remove_all(folder);
        SCOPED_TRACE("fetch " + std::to_string(at) + ", lanes " + std::to_string(lanes));
        Model model = make(net);
        FitOptions o = with_checkpoints(lanes);
        o.checkpoint.every_steps = 4;
        o.validation_data = data;
        source->left = at;
        bool failed = false;
        try {
          model.fit(data, o);
        } catch (const std::runtime_error& error) {
          failed = true;
          EXPECT_STREQ(error.what(), "the disk is gone");
        }
        source->left = 0;
        if (!failed) break;
        ++runs;
        expect_good(net, model, data, states, o);
        if (HasFailure()) return;
      }
    }
  std::cout << "  " << runs << " runs failed in a fetch\n";
  EXPECT_GT(runs, 300);
}

TEST_F(InjectedFailure, InTheFetchOfDataThatIsReadIntoMemoryFirst) {
  auto file = std::make_shared<FailingSource>(x, y, 0);
  const Dataset data(file, 1, 1);
  Model model = make(Net::Mlp);
  const std::string before = state_of(model);
  file->left = 1;
  EXPECT_THROW(model.fit(data, options()), std::runtime_error);
  EXPECT_TRUE(state_of(model) == before);
  model.fit(data, options());
  EXPECT_TRUE(state_of(model) == states(Net::Mlp, data).back());
}

TEST_F(InjectedFailure, InEvaluateAndPredictLeavesTheModelAsItWas) {
  const Dataset data(source, 1, 1);
  for (const Net net : {Net::Mlp, Net::Cnn}) {
    Model model = make(net);
    model.fit(data, options());
    const std::string before = state_of(model);
    for (int64_t at = 1; at < 400; at += 3) {
      source->left = at;
      bool failed = false;
      try {
        EvaluateOptions evaluate;
        evaluate.memory = MiB(64);
        evaluate.lanes = 3;
        model.evaluate(data, evaluate);
        PredictOptions predict;
        predict.memory = MiB(64);
        predict.lanes = 3;
        model.predict(data, predict);
      } catch (const std::runtime_error&) { failed = true; }
      source->left = 0;
      EXPECT_TRUE(state_of(model) == before);
      if (!failed) break;
    }
  }
}

// Values that are wrong in one sample, met at a known step.
TEST_F(InjectedFailure, InTheDataLeavesTheStepBefore) {
  const Dataset good(x, y);
  FitOptions o = options();
  o.shuffle = Shuffle::No;
  for (const Net net : {Net::Mlp, Net::Cnn})
    for (const int64_t row : {0, 9, 10, 27, 43})
      for (const int fault : {0, 1, 2, 3}) {
        const int64_t step = row / kBatch;
        Array bad_x = x.clone(), bad_y = y.clone();
        if (fault == 0) bad_x.data<float>()[row * 36 + 5] = std::numeric_limits<float>::quiet_NaN();
        if (fault == 1) bad_x.data<float>()[row * 36 + 35] = -std::numeric_limits<float>::infinity();
        if (fault == 2) bad_y.data<int32_t>()[row] = 3;
        if (fault == 3) bad_y.data<int32_t>()[row] = -1;
        SCOPED_TRACE("fault " + std::to_string(fault) + " in sample " + std::to_string(row));
        // What a run stopped before that step leaves.
        Model stopped = make(net);
        FitOptions part = o;
        part.epochs = 1;
        part.steps_per_epoch = step;
        const std::string initial = state_of(stopped);
        if (step > 0) stopped.fit(good, part);
        Model model = make(net);
        try {
          model.fit(Dataset(bad_x, bad_y), o);
          ADD_FAILURE() << "not noticed";
        } catch (const Error& error) {
          EXPECT_NE(std::string(error.what()).find(std::to_string(row)), std::string::npos) << error.what();
          EXPECT_NE(std::string(error.what()).find("Got "), std::string::npos) << error.what();
        }
        EXPECT_TRUE(state_of(model) == (step > 0 ? state_of(stopped) : initial));
        FitOptions rest = o;
        rest.epochs = 1;
        model.fit(good, rest);
        stopped.fit(good, rest);
        EXPECT_TRUE(state_of(model) == state_of(stopped));
      }
}

TEST_F(InjectedFailure, ALossThatIsNotFiniteLeavesTheStepBefore) {
  Array huge = x.clone();
  for (int64_t i = 0; i < 36; ++i) huge.data<float>()[30 * 36 + i] = 3e38f;
  FitOptions o = options();
  o.shuffle = Shuffle::No;
  Model model = make(Net::Mlp), stopped = make(Net::Mlp);
  try {
    model.fit(Dataset(huge, y), o);
    FAIL() << "not noticed";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Run);
    EXPECT_NE(std::string(error.what()).find("the loss must be finite"), std::string::npos) << error.what();
  }
  o.epochs = 1;
  o.steps_per_epoch = 3;
  stopped.fit(Dataset(x, y), o);
  EXPECT_TRUE(state_of(model) == state_of(stopped));
}

}  // namespace
}  // namespace batchwise
