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
