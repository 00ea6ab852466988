// Folders of runs: what they hold, who may write them, and what in them is left alone.
#include <batchwise/byte_size.h>
#include <batchwise/layers.h>
#include <batchwise/model.h>

#include "tests/cli_fixture.h"
#include "training/checkpoint/run_lock.h"

namespace batchwise {
namespace {

TEST_F(Cli, ARunFolderHoldsWhatTheContractSays) {
  const std::string out = folder + "/deep/run";
  const ChildResult result = run(train({"--json", "--out", out, "--validation-split", "0.1"}));
  ASSERT_EQ(result.code, 0) << result.err;
  const json record = json::parse(text_of_file(out + "/run.json"));
  EXPECT_EQ(record["settings"]["batch_size"], 100);
  EXPECT_EQ(record["settings"]["data"], fs::absolute(data).lexically_normal().string());
  EXPECT_FALSE(record["instruction_set"].get<std::string>().empty());
  EXPECT_EQ(record["plan"]["batch_size"], 100);
  EXPECT_EQ(json::parse(text_of_file(out + "/history.json")), json::parse(result.last_line())["history"]);
  const std::string log = text_of_file(out + "/events.jsonl");
  for (const char* name : {"plan", "epoch", "end"})
    EXPECT_EQ(events_named(name, events(log)), events_named(name, events(result.out))) << name;
  for (const json& steps : events_named("steps", events(log))) EXPECT_EQ(steps["points"].size(), 5u);
  EXPECT_EQ(events_named("steps", events(log)).size(), 2u);
  EXPECT_FALSE(fs::is_empty(out + "/checkpoints"));
  EXPECT_FALSE(fs::is_empty(out + "/tensorboard/train"));
  EXPECT_FALSE(fs::is_empty(out + "/tensorboard/validation"));

  const ChildResult again = run({"resume", out, "--json"});
  EXPECT_EQ(again.code, 0);
  EXPECT_NE(again.err.find("is finished"), std::string::npos) << again.err;
  EXPECT_EQ(again.out, result.last_line() + "\n");

  expect_error(run(train({"--json", "--out", out})), 2, "--overwrite");
  EXPECT_EQ(text_of_file(out + "/events.jsonl"), log) << "a refused run must leave the older one alone";
  EXPECT_EQ(hash(run(train({"--json", "--out", out, "--overwrite", "--validation-split", "0.1"}))), hash(result));

  const ChildResult evaluated = run({"evaluate", out + "/model.keras", data, "--json"});
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  const json metrics = json::parse(evaluated.out);
  EXPECT_EQ(metrics["event"], "end");
  EXPECT_TRUE(metrics["loss"].is_number());
  EXPECT_TRUE(metrics["accuracy"].is_number());

  ASSERT_EQ(run({"predict", out + "/model.keras", data, "--out", folder + "/a.npy"}).code, 0);
  ASSERT_EQ(
      run({"predict", out + "/model.keras", data, "--out", folder + "/b.npy", "--batch-size", "7", "--lanes", "1"})
          .code,
      0);
  EXPECT_EQ(text_of_file(folder + "/a.npy"), text_of_file(folder + "/b.npy"));
  expect_error(run({"predict", out + "/model.keras", data, "--out", folder + "/a.txt"}), 2, ".npy");
  expect_error(run({"predict", out + "/model.keras", data, "--out", "/dev/null"}), 2, ".npy");

  for (const std::string& path : {out, out + "/model.keras", data, folder + "/a.npy",
                                  fs::directory_iterator(out + "/checkpoints")->path().string()})
    EXPECT_EQ(run({"inspect", path}).code, 0) << path;
}

TEST_F(Cli, AFolderThatAnotherProcessWritesIsRefused) {
  const std::string out = folder + "/run";
  fs::create_directories(out);
  const RunLock lock(out);
  expect_error(run(train({"--out", out})), 2, "another process");
  expect_error(run(train({"--out", out, "--overwrite"})), 2, "another process");
  EXPECT_TRUE(fs::is_empty(out));
}

TEST_F(Cli, PlacesThatCannotHoldARunAreRefusedAndLeftAlone) {
  std::ofstream(folder + "/file") << "mine";
  expect_error(run(train({"--out", folder + "/file"})), 2, "/file");
  expect_error(run(train({"--out", folder + "/file/below"})), 2, "/file/below");
  expect_error(run(train({"--out", "/dev/full"})), 2, "/dev/full");
  expect_error(run(train({"--out", "/proc/run"})), 2, "/proc/run");
  EXPECT_EQ(text_of_file(folder + "/file"), "mine");
}

TEST_F(Cli, AFolderWithFilesOfTheUserIsRefusedAndKeepsThem) {
  for (const char* name : {"model.keras", "start.keras", "report.html", "checkpoints/mine", "tensorboard/mine"}) {
    const std::string out = folder + "/run", file = out + "/" + name;
    fs::remove_all(out);
    fs::create_directories(fs::path(file).parent_path());
    std::ofstream(file) << "mine";
    expect_error(run(train({"--out", out})), 2, "the run would replace it");
    EXPECT_EQ(text_of_file(file), "mine");
    EXPECT_EQ(run(train({"--out", out, "--overwrite"})).code, 0) << name;
  }
}

TEST_F(Cli, WhatKilledProcessesLeftInAFolderGoesWithItsNextWriter) {
  const std::string out = folder + "/run";
  ASSERT_EQ(run(train({"--out", out})).code, 0);
  const auto leave = [&] {
    for (const char* name : {"start.keras.tmp-1-2", "model.keras.tmp-77-3", "history.json.tmp-8-0", "model.keras.tmp"})
      std::ofstream(out + "/" + name) << "half";
  };
  const auto left = [&] {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(out))
      count += entry.path().filename().string().find(".tmp-") != std::string::npos;
    return count;
  };
  for (const Words& next : {Words{"resume", out}, train({"--out", out, "--overwrite"})}) {
    leave();
    ASSERT_EQ(left(), 3);
    EXPECT_EQ(run(next).code, 0);
    EXPECT_EQ(left(), 0) << next.front();
    EXPECT_TRUE(fs::exists(out + "/model.keras.tmp")) << "the user's";
  }
}

TEST_F(Cli, NamesThatARunCannotKeepAreRefusedBeforeItsFirstStep) {
  const std::string latin1 = folder + "/caf\xe9.npz", out = folder + "/run";
  fs::copy_file(data, latin1);
  Words words = train({"--out", out});
  words[2] = latin1;
  expect_error(run(words), 2, "must be UTF-8");
  EXPECT_FALSE(fs::exists(out));
  words.resize(words.size() - 2);  // nothing is kept
  EXPECT_EQ(run(words).code, 0);
  words = {"sweep", "mlp", latin1, "--batch-sizes", "64", "--epochs", "1", "--memory", "256M", "--out", out};
  expect_error(run(words), 2, "must be UTF-8");
  EXPECT_FALSE(fs::exists(out + "/sweep.json"));
  words = {"tune", "mlp", latin1, "--memory", "256M", "--time", "5s", "--out", out};
  expect_error(run(words), 2, "must be UTF-8");
  EXPECT_FALSE(fs::exists(out + "/run.json"));
}

TEST_F(Cli, AMetricCalledAsAKeyOfItsEventsIsRefused) {
  for (const char* name : {"epoch", "event"}) {
    Model model = Sequential({Input({8}), Dense({.units = 3, .activation = "softmax"})});
    model.compile({.optimizer = "sgd",
                   .loss = "sparse_categorical_crossentropy",
                   .metrics = {Spec("SparseCategoricalAccuracy", Config::object({{"name", name}}))}});
    model.initialize(1);
    model.save(folder + "/named.keras");
    for (const Words& words :
         {Words{"train", folder + "/named.keras", data, "--batch-size", "100", "--epochs", "1", "--json"},
          Words{"evaluate", folder + "/named.keras", data, "--json"}})
      expect_error(run(words), 2, "no metric may be called so");
  }
}

}  // namespace
}  // namespace batchwise
