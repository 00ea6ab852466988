// Rules for a change of batch size on the command line: at the start of a run, at a resume, and twice is not double.
#include <chrono>
#include <cmath>
#include <thread>

#include <batchwise/model.h>
#include <batchwise/optimizer.h>

#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

struct CliRules : Cli {
  // Runs `words`, and interrupts the run once it has gone on for a while.
  void cut(const Words& words, const std::string& out, int lines) {
    Child child(program, words, folder);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    while (child.running() && std::chrono::steady_clock::now() < deadline) {
      const std::string log = text_of_file(out + "/events.jsonl");
      if (std::count(log.begin(), log.end(), '\n') > lines) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    child.send(SIGINT);
    ASSERT_EQ(child.wait().code, 130) << "the run was over before it could be interrupted";
  }
  static double rate_of(const std::string& model) {
    return make_optimizer(Model::load(model).compiled()->optimizer)->options().learning_rate;
  }
  static double number_of(const std::string& model, const char* key) {
    return make_optimizer(Model::load(model).compiled()->optimizer)->config().at(key).as_number();
  }
};

TEST_F(CliRules, ARunStartsWithWhatSuitsItsBatchSize) {
  const std::string out = folder + "/run";
  const ChildResult result = run(train({"--optimizer", "adam", "--learning-rate", "0.002", "--rule", "auto",
                                        "--rule-from", "25", "--out", out, "--json"}));
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NEAR(rate_of(out + "/model.keras"), 0.004, 1e-9);  // from 25 to 100
  EXPECT_NEAR(number_of(out + "/model.keras", "beta_1"), std::pow(0.9, 4), 1e-12);
}

TEST_F(CliRules, WhatDoesNotSuitIsRefusedWithWhatDoes) {
  expect_error(run(train({"--optimizer", "sgd", "--rule", "square_root", "--rule-from", "25"})), 2,
               "the rule must suit SGD: \"linear\"");
  expect_error(run(train({"--rule", "cubic", "--rule-from", "25"})), 2, "auto, linear, square_root, constant or none");
  expect_error(run(train({"--rule", "auto"})), 2, "--rule-from");
  expect_error(run(train({"--optimizer", "adam", "--rule", "auto", "--rule-from", "99999999999999"})), 2,
               "settings that are meant for one of at most 419640.");
}

TEST_F(CliRules, AResumeWithAnotherBatchSizeChangesTheOptimizerOnce) {
  const std::string out = folder + "/run";
  cut(train({"--optimizer", "adam", "--learning-rate", "0.002", "--out", out, "--checkpoint-every", "7steps"}, 200),
      out, 3);
  cut({"resume", out, "--batch-size", "25", "--rule", "auto"}, out, 12);
  const ChildResult last = run({"resume", out, "--json"});
  ASSERT_EQ(last.code, 0) << last.err;
  EXPECT_NEAR(rate_of(out + "/model.keras"), 0.001, 1e-9);
  EXPECT_NEAR(number_of(out + "/model.keras", "beta_2"), std::pow(0.999, 0.25), 1e-12);
}

TEST_F(CliRules, ARuleThatARunFollowsIsNotTakenBack) {
  const std::string out = folder + "/run";
  cut(train({"--optimizer", "sgd", "--learning-rate", "0.02", "--rule", "auto", "--rule-from", "100", "--out", out,
             "--checkpoint-every", "7steps"},
            200),
      out, 3);
  const ChildResult refused = run({"resume", out, "--batch-size", "50", "--rule", "none"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("goes on with it"), std::string::npos) << refused.err;
  ASSERT_EQ(run({"resume", out, "--batch-size", "50"}).code, 0);
  EXPECT_NEAR(rate_of(out + "/model.keras"), 0.01, 1e-9);
}

TEST_F(CliRules, AWarmUpThatOutlastsTheTrainingIsToldOf) {
  const ChildResult result = run(train({"--warm-up", "1000000000"}));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.err.find("note: --warm-up 1000000000 is longer than this training of 900 samples"),
            std::string::npos)
      << result.err;
  EXPECT_EQ(run(train({"--warm-up", "900"})).err.find("note: --warm-up"), std::string::npos);
}

TEST_F(CliRules, AWarmUpIsAScheduleThatKerasKnows) {
  const std::string out = folder + "/run";
  ASSERT_EQ(run(train({"--optimizer", "sgd", "--learning-rate", "0.02", "--warm-up", "300", "--out", out})).code, 0);
  const auto optimizer = make_optimizer(Model::load(out + "/model.keras").compiled()->optimizer);
  ASSERT_TRUE(optimizer->schedule());
  EXPECT_EQ(optimizer->schedule()->class_name(), "PolynomialDecay");
  EXPECT_NEAR(optimizer->schedule()->rate(3), 0.02, 1e-8);
  EXPECT_NEAR(optimizer->schedule()->rate(1.5), 0.01, 1e-8);
  // A run of that model would have its warm-up behind it.
  expect_error(run({"train", out + "/model.keras", data, "--batch-size", "100", "--epochs", "1", "--warm-up", "300"}),
               2, "--warm-up");
}

}  // namespace
}  // namespace batchwise
