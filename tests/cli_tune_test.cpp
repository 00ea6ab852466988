// batchwise tune and the batch size that grows, on the command line: answers, refusals, and kills at random moments.
#include <chrono>
#include <random>
#include <thread>

#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

struct CliTune : Cli {
  Words tune(const Words& more) {
    Words words{"tune",      "mlp",    data,       "--batch-sizes", "16,32,64",    "--goal", "samples",
                "--samples", "150000", "--memory", "256M",          "--optimizer", "adam"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  // What a tune found, without what the machine's speed decides.
  static json findings(const std::string& path) {
    json record = json::parse(text_of_file(path));
    for (json& branch : record["branches"]) branch.erase("seconds");
    json advice = record["recommendation"];
    return {{"branches", record["branches"]},
            {"rates", record["rates"]},
            {"batch_size", advice["batch_size"]},
            {"learning_rate", advice["learning_rate"]}};
  }
};

TEST_F(CliTune, RecommendsWithReasonsAndPrintsEvents) {
  const ChildResult result = run(tune({"--json", "--out", folder + "/t"}));
  ASSERT_EQ(result.code, 0) << result.err;
  const json last = json::parse(result.last_line());
  EXPECT_EQ(last["event"], "tune");
  EXPECT_GE(last["reasons"].size(), 3u);
  EXPECT_GT(last["learning_rate"].get<double>(), 0);
  EXPECT_GE(events_named("branch", events(result.out)).size(), 9u);
  const json record = json::parse(text_of_file(folder + "/t/tune.json"));
  EXPECT_EQ(record["recommendation"]["batch_size"], last["batch_size"]);
  EXPECT_EQ(record["speeds"].size(), 3u);
  const ChildResult shown = run({"inspect", folder + "/t"});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_TRUE(shown.out.starts_with("tune made by batchwise ")) << shown.out;
  for (const std::string& part :
       {std::string(", finished\n"), std::string("  goal: \"samples\"\n"),
        "trials: " + std::to_string(record["branches"].size()) + "\n",
        "recommended: batch size " + std::to_string(last["batch_size"].get<int>()) + " at learning rate "})
    EXPECT_NE(shown.out.find(part), std::string::npos) << part << shown.out;
}

TEST_F(CliTune, ThatHasNoAnswerYetIsInspected) {
  ASSERT_EQ(run(tune({"--out", folder + "/t"})).code, 0);
  json record = json::parse(text_of_file(folder + "/t/run.json"));
  record.erase("finished");
  std::ofstream(folder + "/t/run.json") << record;
  fs::remove(folder + "/t/tune.json");
  const ChildResult shown = run({"inspect", folder + "/t"});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_NE(shown.out.find(", not finished: batchwise resume " + folder + "/t continues it\n"), std::string::npos)
      << shown.out;
  EXPECT_EQ(shown.out.find("recommended"), std::string::npos) << shown.out;
}

TEST_F(CliTune, KilledAtRandomMomentsAndResumedFindsTheSame) {
  ASSERT_EQ(run(tune({"--out", folder + "/whole"})).code, 0);
  const json whole = findings(folder + "/whole/tune.json");
  std::mt19937 random(11);
  int kills = 0;
  for (int round = 0; round < 3; ++round) {
    const std::string out = folder + "/killed" + std::to_string(round);
    Words words = tune({"--out", out});
    for (int attempt = 0;; ++attempt) {
      ASSERT_LT(attempt, 60);
      Child child(program, words, folder);
      std::this_thread::sleep_for(std::chrono::milliseconds(15 + random() % 60 + 8 * attempt));
      if (child.running()) ++kills;
      child.send(SIGKILL);
      child.wait();
      const bool begun = fs::exists(out + "/run.json");
      if (begun && json::parse(text_of_file(out + "/run.json")).value("finished", false)) break;
      words = begun ? Words{"resume", out} : tune({"--out", out, "--overwrite"});
    }
    EXPECT_EQ(findings(out + "/tune.json"), whole);
  }
  EXPECT_GE(kills, 6);
}

TEST_F(CliTune, RefusesWhatItCannotAnswer) {
  EXPECT_EQ(run(tune({"--goal", "luck"})).code, 2);
  EXPECT_EQ(run(tune({"--time", "soon"})).code, 2);
  EXPECT_EQ(run(tune({"--metric", "beauty"})).code, 2);
  EXPECT_EQ(run(tune({"--checkpoint-every", "30s"})).code, 2);
  EXPECT_EQ(run({"tune", "--help"}).out.find("--checkpoint-every"), std::string::npos);
  EXPECT_EQ(run({"tune", "mlp", data, "--memory", "2M"}).code, 3);
  const ChildResult best = run({"tune", "mlp", data, "--goal", "best"});
  EXPECT_EQ(best.code, 2);
  EXPECT_NE(best.err.find("samples"), std::string::npos);
}

TEST_F(CliTune, WhatItSaysToTypeTrainsTheSameNetworkOnTheSameData) {
  const std::string photos = folder + "/it's $HOME of photos";
  fs::copy(BATCHWISE_SOURCE_DIR "/tests/golden/image-folder/photos", photos, fs::copy_options::recursive);
  const ChildResult tuned = run({"tune",
                                 "cnn",
                                 photos,
                                 "--image-size",
                                 "16x12",
                                 "--color-mode",
                                 "rgb",
                                 "--interpolation",
                                 "nearest",
                                 "--label-mode",
                                 "categorical",
                                 "--loss",
                                 "categorical_crossentropy",
                                 "--metrics",
                                 "accuracy,categorical_accuracy",
                                 "--crop-to-aspect-ratio",
                                 "--follow-links",
                                 "--on-bad-file",
                                 "skip",
                                 "--cache",
                                 folder + "/a cache",
                                 "--seed",
                                 "3",
                                 "--no-shuffle",
                                 "--grain",
                                 "4",
                                 "--memory",
                                 "268435456",
                                 "--lanes",
                                 "2",
                                 "--validation-split",
                                 "0.24",
                                 "--allow-nan",
                                 "--optimizer",
                                 "sgd",
                                 "--goal",
                                 "samples",
                                 "--samples",
                                 "4000",
                                 "--batch-sizes",
                                 "8,16",
                                 "--out",
                                 folder + "/tune"});
  ASSERT_EQ(tuned.code, 0) << tuned.err;
  std::string line = tuned.last_line();
  EXPECT_NE(line.find("--memory 256M"), std::string::npos) << line;
  line.replace(line.find("batchwise"), 9, program);
  line.replace(line.rfind("--epochs N"), 10, "--epochs 1 --out " + folder + "/trained");
  const ChildResult trained = Child("/bin/sh", {"-c", line}, folder).wait();
  ASSERT_EQ(trained.code, 0) << line << "\n" << trained.err;
  json of_tune = json::parse(text_of_file(folder + "/tune/run.json"))["settings"];
  json of_train = json::parse(text_of_file(folder + "/trained/run.json"))["settings"];
  for (json* settings : {&of_tune, &of_train})  // what the tune found
    for (const char* found :
         {"batch_size", "epochs", "learning_rate", "rules", "grow_batch", "grow_to", "grow_by", "grow_rule"})
      settings->erase(found);
  EXPECT_EQ(of_train, of_tune);
}

TEST_F(CliTune, ATightBudgetIsRefusedBeforeTheFirstTrialWithOneThatIsEnoughForAllOfThem) {
  ASSERT_EQ(run(train({"--optimizer", "adam", "--out", folder + "/run"})).code, 0);  // with the optimizer's state
  Words words{"tune",        folder + "/run/model.keras",
              data,          "--batch-sizes",
              "16,64",       "--goal",
              "samples",     "--samples",
              "100000",      "--out",
              folder + "/t", "--memory"};
  Words tight = words;
  tight.emplace_back("2M");
  const std::string enough = named_budget(run(tight));
  EXPECT_FALSE(fs::exists(folder + "/t"));
  words.push_back(enough);
  const ChildResult result = run(words);
  ASSERT_EQ(result.code, 0) << enough << ": " << result.err;
  const json record = json::parse(text_of_file(folder + "/t/tune.json"));
  EXPECT_GE(record["branches"].size(), 3u);
  // Nor do sizes that do not fit stop those that do.
  words[4] = "16,400";
  words.push_back("--overwrite");
  const ChildResult some = run(words);
  EXPECT_EQ(some.code, 0) << some.err;
}

TEST_F(CliTune, AFinishedOneIsNotTunedAgain) {
  ASSERT_EQ(run(tune({"--out", folder + "/t"})).code, 0);
  const ChildResult again = run({"resume", folder + "/t"});
  EXPECT_EQ(again.code, 0);
  EXPECT_NE(again.err.find("finished"), std::string::npos);
  EXPECT_EQ(run({"resume", folder + "/t", "--batch-size", "8"}).code, 2);
}

TEST_F(CliTune, ABatchSizeThatGrowsEndsWithTheSameBitsAfterKills) {
  const Words growth = {"--grow-batch", "steps",       "--grow-to",          "160",   "--grow-every", "900", "--json",
                        "--out",        folder + "/g", "--checkpoint-every", "3steps"};
  const ChildResult whole = run(train(growth, 12, 20));
  const std::string expected = hash(whole);
  const auto changes = events_named("batch_size", events(whole.out));
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes.back()["to"], 160);
  std::mt19937 random(5);
  Words words = train(growth, 12, 20);
  words.push_back("--overwrite");
  for (int attempt = 0;; ++attempt) {
    ASSERT_LT(attempt, 60);
    Child child(program, words, folder);
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 100 + 15 * attempt));
    const bool killed = child.running();
    child.send(SIGKILL);
    const ChildResult result = child.wait();
    if (!killed) {
      EXPECT_EQ(hash(result), expected);
      break;
    }
    if (fs::exists(folder + "/g/run.json")) words = {"resume", folder + "/g", "--json"};
  }
}

TEST_F(CliTune, GrowthIsRefusedWhereItMakesNoSense) {
  EXPECT_EQ(run(train({"--grow-batch", "steps"})).code, 2);
  EXPECT_EQ(run(train({"--grow-to", "512"})).code, 2);
  EXPECT_EQ(run(train({"--grow-batch", "moon", "--grow-to", "512"})).code, 2);
  EXPECT_EQ(run(train({"--grow-batch", "steps", "--grow-to", "10"})).code, 2);
  for (const char* when : {"noise", "plateau"})
    expect_error(run(train({"--grow-batch", when, "--grow-to", "512", "--grow-every", "1000"})), 2,
                 "[--grow-every] the option belongs to --grow-batch steps");
  expect_error(
      run(train({"--grow-batch", "steps", "--grow-to", "512", "--grow-by", "1.0001"})), 2,
      "[--grow-by] one step must add a sample at least to --batch-size, 100: the factor must be at least 1.005");
  expect_error(run(train({"--grow-batch", "steps", "--grow-to", "512", "--grow-rule", "cubic"})), 2, "[--grow-rule]");
  // Before the plan is told; and what it advises is enough.
  Words warm = train({"--grow-batch", "noise", "--grow-to", "512", "--warm-up", "500", "--grain", "10"});
  expect_error(run(warm), 2, "Give the rule none (--grow-rule none), or an optimizer without a schedule.");
  warm.insert(warm.end(), {"--grow-rule", "none"});
  EXPECT_EQ(run(warm).code, 0);
  // One grain tells no noise scale.
  EXPECT_EQ(run(train({"--grow-batch", "noise", "--grow-to", "512", "--grain", "100"})).code, 2);
}

}  // namespace
}  // namespace batchwise
