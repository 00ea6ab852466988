// The command line as its users meet it: exit codes, errors of one line, JSON events, run folders.
#include <batchwise/byte_size.h>
#include <batchwise/layers.h>
#include <batchwise/model.h>

#include "tests/cli_fixture.h"
#include "training/checkpoint/run_lock.h"

namespace batchwise {
namespace {

TEST_F(Cli, HelpTeachesEveryCommandWithExamples) {
  const ChildResult all = run({"--help"});
  EXPECT_EQ(all.code, 0);
  for (const char* command : {"train", "resume", "evaluate", "predict", "plan", "tune", "sweep", "report", "inspect",
                              "convert", "supported"}) {
    EXPECT_NE(all.out.find(std::string("\n  ") + command), std::string::npos) << command;
    const ChildResult help = run({command, "--help"});
    EXPECT_EQ(help.code, 0) << command;
    EXPECT_NE(help.out.find("Examples:\n  batchwise " + std::string(command)), std::string::npos) << help.out;
    EXPECT_EQ(help.err, "") << command;
  }
}

TEST_F(Cli, VersionIsTheProjects) {
  const std::string cmake = text_of_file(BATCHWISE_SOURCE_DIR "/CMakeLists.txt");
  const ChildResult result = run({"--version"});
  ASSERT_TRUE(result.out.starts_with("batchwise ")) << result.out;
  const std::string version = result.out.substr(10, result.out.size() - 11);
  EXPECT_NE(cmake.find("VERSION " + version + " "), std::string::npos) << version;
}

TEST_F(Cli, APlanForDataWithoutSamplesIsRefused) {
  const std::string none = folder + "/none.npz";
  write_npz(none, {{"x", Array::from(std::vector<float>{}, {0, 8})}, {"y", Array::from(std::vector<int64_t>{}, {0})}});
  expect_error(run({"plan", "mlp", none, "--batch-size", "8"}), 2, "none.npz");
}

TEST_F(Cli, WrongUseIsOneLineAndExitsWithTwo) {
  const struct {
    Words words;
    std::string part;
  } table[] = {
      {{}, "a command must be given"},
      {{"trian"}, "Got \"trian\". Did you mean \"train\"?"},
      {{"--batch-size"}, "the first word must be a command"},
      {{"train"}, "MODEL must be given"},
      {{"train", "mlp"}, "DATA must be given"},
      {{"train", "mlp", data}, "--batch-size must be given"},
      {{"train", "mlp", data, "--batch-size", "8"}, "--epochs must be given"},
      {{"train", "mlp", data, "--bach-size", "8"}, "Got \"--bach-size\". Did you mean \"--batch-size\"?"},
      {{"train", "mlp", data, "extra", "--batch-size", "8", "--epochs", "1"}, "extra"},
      {train({"--batch-size"}), "batch-size"},
      {{"train", "mlp", data, "--batch-size", "0", "--epochs", "1"},
       "[--batch-size] the value must be a whole number of at least 1. Got \"0\"."},
      {{"train", "mlp", data, "--batch-size", "-3", "--epochs", "1"}, "Got \"-3\"."},
      {{"train", "mlp", data, "--batch-size", "8x", "--epochs", "1"}, "Got \"8x\"."},
      {{"train", "mlp", data, "--batch-size", "99999999999999999999", "--epochs", "1"}, "--batch-size"},
      {{"train", "mlp", data, "--batch-size", "8", "--epochs", "1", "--memory", "64Q"}, "Got \"64Q\"."},
      {{"train", "mlp", data, "--batch-size", "8", "--epochs", "1", "--memory", "0"}, "[--memory]"},
      {train({"--seed", "-1"}), "[--seed]"},
      {train({"--learning-rate", "nan"}), "[--learning-rate]"},
      {train({"--learning-rate", "0"}), "[--learning-rate]"},
      {train({"--validation-split", "1.5"}), "[--validation-split]"},
      {train({"--validation-split", "0.2", "--validation-data", data}), "--validation-data"},
      {train({"--checkpoint-every", "30"}), "--out"},
      {train({"--checkpoint-every", "30", "--out", folder + "/run"}), "[--checkpoint-every]"},
      {train({"--checkpoint-every", "1.5steps", "--out", folder + "/run"}), "[--checkpoint-every]"},
      {{"tune", "mlp", data, "--time", "soon"}, "[--time] the value must be a positive time, such as 90s, 10min or 1h"},
      {{"tune", "mlp", data, "--time", "1e9h"}, "[--time] the value must be at most a year, 366d. Got \"1e9h\"."},
      {{"sweep", "mlp", data, "--batch-sizes", "8", "--epochs", "1", "--time", "-3min"}, "[--time]"},
      {train({"--overwrite"}), "--out"},
      {train({"--optimizer", "adm"}), "Did you mean \"Adam\"?"},
      {train({"--loss", "sparse_categorical_crossentrop"}), "Did you mean \"sparse_categorical_crossentropy\"?"},
      {train({"--metrics", "accurcy"}), "Did you mean \"Accuracy\"?"},
      {train({"--metrics", "accuracy,,mae"}), "[--metrics]"},
      {train({"--target", "label"}), "target"},
      {{"train", "mpl", data, "--batch-size", "8", "--epochs", "1"}, "Did you mean \"mlp\"?"},
      {{"train", "perceiver", data, "--batch-size", "8", "--epochs", "1"}, "resnet50, resnet50v2, transformer"},
      {{"train", folder + "/none.keras", data, "--batch-size", "8", "--epochs", "1"}, "none.keras"},
      {{"train", data, data, "--batch-size", "8", "--epochs", "1"}, "data.npz"},
      {{"train", "mlp", folder + "/none.npz", "--batch-size", "8", "--epochs", "1"}, "none.npz"},
      {{"train", "mlp", "fashion-mnst", "--batch-size", "8", "--epochs", "1"}, "Did you mean \"fashion-mnist\"?"},
      {{"train", "cnn", data, "--batch-size", "8", "--epochs", "1"}, "[cnn] samples must be images"},
      {{"train", "mlp", folder, "--batch-size", "8", "--epochs", "1"}, folder},
      {{"evaluate", "mlp", data}, "trained"},
      {{"predict", "mlp", data}, "--out must be given"},
      {{"plan", "mlp", "--batch-size", "1,x"}, "[--batch-size]"},
      {{"plan", "mlp", "--batch-size", "1,,2"}, "[--batch-size]"},
      {{"plan", "mlp", "--batch-size", "9223372036854775807"},
       "[--batch-size] the value must be at most 1099511627776. Got 9223372036854775807."},
      {{"plan", "mlp", "--batch-size", "8", "--lanes", "9999999"},
       "[--lanes] the value must be at most 4096. Got 9999999."},
      {train({"--lanes", "4097"}), "[--lanes] the value must be at most 4096. Got 4097."},
      {{"sweep", "mlp", data, "--batch-sizes", "8", "--epochs", "1", "--optimizers", "adam,sgd,adam"},
       "[--optimizers] each must be named once. Got adam twice."},
      {{"resume", folder}, "run.json"},
      {{"resume", folder + "/nowhere"}, "nowhere"},
      {{"inspect", folder + "/nowhere"}, "nowhere"},
      {{"inspect", folder}, "run.json"},
      {{"inspect", "/dev/null"}, "/dev/null"},
  };
  for (const auto& entry : table) {
    std::string line;
    for (const std::string& word : entry.words) line += " " + word;
    SCOPED_TRACE("batchwise" + line);
    expect_error(run(entry.words), 2, entry.part);
  }
  EXPECT_FALSE(fs::exists(folder + "/run"));
}

TEST_F(Cli, TrainTellsPlanEpochsAndEndAsJsonLines) {
  const ChildResult result = run(train({"--json", "--validation-split", "0.1"}));
  ASSERT_EQ(result.code, 0) << result.err;
  const std::vector<json> all = events(result.out);
  ASSERT_EQ(events_named("plan", all).size(), 1u) << result.out;
  const json& plan = all.front();
  EXPECT_EQ(plan["event"], "plan");
  EXPECT_EQ(plan["batch_size"], 100);
  int64_t sum = 0;
  for (const char* name : {"weights", "gradients", "optimizer", "activations", "scratch", "pipeline", "library"}) {
    ASSERT_TRUE(plan["bytes"][name].is_number_integer()) << name;
    sum += plan["bytes"][name].get<int64_t>();
  }
  EXPECT_EQ(plan["bytes"].size(), 7u);
  EXPECT_EQ(plan["peak_bytes"].get<int64_t>(), sum);
  const std::vector<json> epochs = events_named("epoch", all), progress = events_named("progress", all);
  ASSERT_EQ(epochs.size(), 2u);
  ASSERT_EQ(progress.size(), 2u);
  for (int epoch : {1, 2}) {
    const json& event = epochs[static_cast<size_t>(epoch) - 1];
    EXPECT_EQ(event["epoch"], epoch);
    EXPECT_EQ(progress[static_cast<size_t>(epoch) - 1]["samples"], 405 * epoch);
    EXPECT_EQ(progress[static_cast<size_t>(epoch) - 1]["updates"], 5 * epoch);
    for (const char* name : {"loss", "accuracy", "val_loss", "val_accuracy"})
      EXPECT_TRUE(event[name].is_number()) << name;
  }
  const json& end = all.back();
  EXPECT_EQ(end["event"], "end");
  EXPECT_EQ(end["history"]["loss"].size(), 2u);
  EXPECT_EQ(end["history"]["val_accuracy"][1], epochs[1]["val_accuracy"]);
  EXPECT_GT(end["samples_per_second"].get<double>(), 0);
  EXPECT_GT(end["peak_rss_bytes"].get<int64_t>(), 1 << 20);
  EXPECT_EQ(end["weights_sha256"].get<std::string>().size(), 64u);
}

TEST_F(Cli, WeightsDependOnSeedAndBatchSizeButNotOnMemoryLanesOrPipeline) {
  const std::string expected = hash(run(train({"--json"})));
  EXPECT_EQ(hash(run(train({"--json", "--lanes", "1"}))), expected);
  EXPECT_EQ(hash(run(train({"--json", "--lanes", "3"}, 2, 100, "1G"))), expected);
  EXPECT_EQ(hash(run(train({"--json", "--loader-batch", "7", "--workers", "2"}))), expected);
  EXPECT_NE(hash(run(train({"--json", "--seed", "1"}))), expected);
  EXPECT_NE(hash(run(train({"--json"}, 2, 99))), expected);
  EXPECT_NE(hash(run(train({"--json", "--no-shuffle"}))), expected);
}

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

TEST_F(Cli, AFullOutputFailsWithOne) {
  for (const Words& words : {Words{"plan", "mlp", "--batch-size", "8", "--json"},
                             Words{"plan", "mlp", "--batch-size", "8"}, Words{"--help"}}) {
    const ChildResult result = run(words, "/dev/full");
    EXPECT_EQ(result.code, 1) << words.front() << result.err;
    EXPECT_TRUE(result.err.starts_with("batchwise: [output]")) << result.err;
  }
  EXPECT_EQ(run(train({"--json"}), "/dev/full").code, 1);
}

TEST_F(Cli, ABudgetTooSmallNamesOneThatWorksAndWritesNothing) {
  const std::string out = folder + "/run";
  const Words words{"train", "mlp", data, "--batch-size", "100", "--epochs", "1", "--out", out, "--memory"};
  Words tight = words;
  tight.push_back("1M");
  const ChildResult refused = run(tight);
  expect_error(refused, 3, "--memory ");
  EXPECT_FALSE(fs::exists(out));
  const size_t at = refused.err.find("--memory ") + 9;
  Words enough = words;
  enough.push_back(refused.err.substr(at, refused.err.find_first_of(" ,.\n", at) - at));
  const ChildResult result = run(enough);
  EXPECT_EQ(result.code, 0) << enough.back() << ": " << result.err;
}

TEST_F(Cli, PlanSaysWhatTrainDoesWhereThereIsRoomToHoldTheDataAndNamesABudgetThatIsEnough) {
  const std::string mnist = BATCHWISE_SOURCE_DIR "/tests/golden/mnist";
  const json told =
      events(run({"plan", "mlp", mnist, "--batch-size", "64", "--memory", "200M", "--no-timing", "--json"}).out)[0];
  const Words words{"train", "mlp", mnist, "--batch-size", "64", "--epochs", "1", "--json", "--memory"};
  const auto planned = [&](const std::string& memory) {
    Words all = words;
    all.push_back(memory);
    const ChildResult result = run(all);
    EXPECT_EQ(result.code, 0) << memory << ": " << result.err;
    return events(result.out)[0];
  };
  const json held = planned("200M");
  for (const char* kind : {"weights", "gradients", "optimizer", "activations", "scratch", "pipeline"})
    EXPECT_EQ(told["bytes"][kind], held["bytes"][kind]) << kind;
  EXPECT_GT(told["bytes"]["pipeline"], 4000000);
  EXPECT_EQ(told["arena_bytes"], held["arena_bytes"]);
  for (const json& plan : {told, held}) {
    const std::string smallest = byte_size_option(plan["smallest_budget"]);
    EXPECT_EQ(planned(smallest)["bytes"]["pipeline"], 0) << "the smallest budget is that without the data held";
  }
}

TEST_F(Cli, TheLargestBatchThatIsLookedForIsNotCalledAnyBatch) {
  const Words words{"plan", "mlp", "--batch-size", "1000000000", "--memory", "64M", "--no-timing", "--largest"};
  const ChildResult told = run(words);
  EXPECT_EQ(told.code, 3) << "a billion samples do not fit";
  EXPECT_NE(told.out.find("up to 16,777,216 fits this budget; larger ones are not looked for"), std::string::npos)
      << told.out;
  Words as_json = words;
  as_json.emplace_back("--json");
  const json event = events_named("largest_batch", events(run(as_json).out)).at(0);
  EXPECT_EQ(event["batch_size"], 16777216);
  EXPECT_EQ(event["or_more"], true);
}

TEST_F(Cli, PlanPrintsALinePerBatchSize) {
  const ChildResult result = run({"plan", "mlp", "--batch-size", "1,32,8192", "--memory", "256M", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  const std::vector<json> all = events(result.out);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[2]["batch_size"], 8192);
  EXPECT_EQ(all[2]["fits"], true);
  const ChildResult some =
      run({"plan", "mobilenetv2", "--batch-size", "1,4096", "--memory", "1G", "--no-timing", "--json"});
  EXPECT_EQ(some.code, 3);
  const std::vector<json> told = events(some.out);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0]["fits"], true);
  EXPECT_EQ(told[1]["fits"], false);
  EXPECT_EQ(told[1]["budget_bytes"], int64_t{1} << 30);
  EXPECT_GT(told[1]["smallest_budget"], int64_t{1} << 30);
  const ChildResult text = run({"plan", "cnn", "--batch-size", "64", "--memory", "256M"});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_NE(text.out.find("activations"), std::string::npos);
  EXPECT_EQ(run({"plan", "mlp", "--batch-size", "32", "--memory", "1M"}).code, 3);
}

}  // namespace
}  // namespace batchwise
