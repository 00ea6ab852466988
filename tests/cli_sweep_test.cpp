// Sweeps of the program: their words and events, cells that equal batchwise train, and kills at random moments.
#include <chrono>
#include <random>
#include <thread>

#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

struct CliSweep : Cli {
  const std::string mnist = BATCHWISE_SOURCE_DIR "/tests/golden/mnist";

  Words sweep(const Words& more) {
    Words words{"sweep", "mlp", mnist, "--validation-data", mnist, "--memory", "256M", "--lanes", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  // sweep.json without what hangs on how fast the machine was, and on what the process held when a cell was planned.
  static json kept(const std::string& out) {
    json all = json::parse(text_of_file(out + "/sweep.json"));
    for (json& cell : all["cells"]) {
      cell.erase("samples_per_second");
      cell["plan"].erase("peak_bytes");
      cell["plan"].erase("smallest_budget");
      for (json& epoch : cell["epochs"]) epoch.erase("seconds");
    }
    for (json& row : all["summary"]["rows"]) row.erase("seconds_to_target");
    all["summary"].erase("recommendation");
    all["summary"].erase("curve");  // of what is recommended
    return all;
  }
  static json cell_of(const json& all, const std::string& name) {
    for (const json& cell : all["cells"])
      if (cell["name"] == name) return cell;
    return json();
  }
};

TEST_F(CliSweep, TellsEveryRunAndThenWhichToTake) {
  const ChildResult result = run(sweep({"--batch-sizes", "64,256", "--optimizers", "sgd,adam", "--seeds", "2",
                                        "--epochs", "2", "--json", "--out", folder + "/sweep"}));
  ASSERT_EQ(result.code, 0) << result.err;
  int ends = 0, epochs = 0;
  const std::vector<json> all = events(result.out);
  for (const json& event : all) {
    if (event["event"] == "sweep") continue;
    EXPECT_TRUE(event.contains("run") && event.contains("batch_size")) << event;
    ends += event["event"] == "end";
    epochs += event["event"] == "epoch";
  }
  EXPECT_EQ(ends, 8);
  EXPECT_EQ(epochs, 16);
  ASSERT_EQ(all.back()["event"], "sweep");
  EXPECT_EQ(all.back()["target"]["metric"], "val_accuracy");
  EXPECT_EQ(all.back()["rows"].size(), 4u);
  EXPECT_TRUE(all.back()["rows"][0]["best"].contains("low"));
  EXPECT_GT(all.back()["recommendation"]["reasons"].size(), 0u);
  EXPECT_NE(result.err.find("cell 3 of 8: sgd_b256_lr0.04_seed0"), std::string::npos) << result.err;

  // The same command again: nothing is trained, the same table.
  const ChildResult again = run(sweep({"--batch-sizes", "64,256", "--optimizers", "sgd,adam", "--seeds", "2",
                                       "--epochs", "2", "--json", "--out", folder + "/sweep"}));
  EXPECT_EQ(json::parse(again.last_line()), all.back());
  EXPECT_EQ(again.out.find("\"event\":\"epoch\""), std::string::npos);
  const std::string cell = all.front()["run"].get<std::string>();
  const Words left{folder + "/sweep/start.keras.tmp-7-1", folder + "/sweep/cells/" + cell + "/result.json.tmp-7-2"};
  for (const std::string& file : left) std::ofstream(file) << "half";  // of a process that was killed
  EXPECT_EQ(run({"resume", folder + "/sweep", "--json"}).last_line(), again.last_line());
  for (const std::string& file : left) EXPECT_FALSE(fs::exists(file)) << file;
  expect_error(run({"resume", folder + "/sweep", "--profile"}), 2, "Got --profile.");

  const ChildResult shown = run({"inspect", folder + "/sweep"});
  EXPECT_EQ(shown.code, 0) << shown.err;
  const std::string taken = std::to_string(all.back()["recommendation"]["batch_size"].get<int>());
  for (const std::string& part : {std::string("sweep of 8 runs, finished\n"), std::string("  batch_sizes: [64, 256]\n"),
                                  std::string("runs: 8 done\n"), ", batch size " + taken + " at learning rate "})
    EXPECT_NE(shown.out.find(part), std::string::npos) << part << shown.out;
}

TEST_F(CliSweep, AnOutputThatIsClosedSaysNothingOfItsCells) {
  const Words words = sweep({"--batch-sizes", "64,256", "--epochs", "2", "--json", "--out", folder + "/sweep"});
  EXPECT_EQ(run(words, "/dev/full").code, 1);
  const ChildResult again = run(words);
  ASSERT_EQ(again.code, 0) << again.err;
  for (const json& cell : kept(folder + "/sweep")["cells"]) EXPECT_EQ(cell["state"], "done") << cell;
}

TEST_F(CliSweep, ItsTimeIsWrittenAsThatOfATune) {
  const ChildResult result = run(sweep({"--batch-sizes", "64,128", "--epochs", "1", "--time", "1ms", "--json"}));
  ASSERT_EQ(result.code, 0) << result.err;
  const std::vector<json> ends = events_named("end", events(result.out));
  ASSERT_EQ(ends.size(), 1u);  // the second is not begun
}

TEST_F(CliSweep, ACellIsWhatTrainMakesOfTheSameSettings) {
  const std::string out = folder + "/sweep";
  ASSERT_EQ(run(sweep({"--batch-sizes", "32,128", "--optimizers", "adam", "--learning-rates", "0.002", "--seeds", "2",
                       "--epochs", "2", "--out", out}))
                .code,
            0);
  const ChildResult trained = run({"train", "mlp",
                                   mnist,   "--validation-data",
                                   mnist,   "--memory",
                                   "256M",  "--optimizer",
                                   "adam",  "--learning-rate",
                                   "0.002", "--rule",
                                   "auto",  "--rule-from",
                                   "32",    "--batch-size",
                                   "128",   "--epochs",
                                   "2",     "--seed",
                                   "1",     "--json"});
  const json cell = cell_of(json::parse(text_of_file(out + "/sweep.json")), "adam_b128_lr0.004_seed1");
  EXPECT_EQ(cell["weights_sha256"], hash(trained));
  EXPECT_EQ(cell["epochs"][1]["logs"]["val_loss"], json::parse(trained.last_line())["history"]["val_loss"][1]);
}

TEST_F(CliSweep, RunsThatDoNotFitAreAnsweredInThePlansWords) {
  const ChildResult result = run({"sweep", "cnn", mnist, "--batch-sizes", "32", "--epochs", "1", "--memory", "2M"});
  EXPECT_EQ(result.code, 3);
  EXPECT_NE(result.out.find("infeasible"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("--memory"), std::string::npos) << result.out;
}

TEST_F(CliSweep, ABatchOfMoreSamplesThanThereAreIsNoMatterOfTheBudget) {
  const ChildResult result = run({"sweep", "mlp", data, "--batch-sizes", "4096", "--epochs", "1"});
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.out.find("450 samples to train on"), std::string::npos) << result.out;
}

TEST_F(CliSweep, WhatTrainHasRoomForIsTrained) {
  ASSERT_EQ(run({"train", "mlp", mnist, "--batch-size", "64", "--epochs", "1", "--out", folder + "/run"}).code, 0);
  const auto words = [&](const char* command, const char* size, const std::string& memory) {
    return Words{command,
                 folder + "/run/start.keras",
                 mnist,
                 size,
                 command[0] == 't' ? "32" : "32,64",
                 "--epochs",
                 "1",
                 "--memory",
                 memory};
  };
  const std::string enough = named_budget(run(words("train", "--batch-size", "2M")));
  EXPECT_EQ(run(words("train", "--batch-size", enough)).code, 0);
  const ChildResult swept = run(words("sweep", "--batch-sizes", enough));
  EXPECT_EQ(swept.code, 0) << swept.err;
  EXPECT_EQ(swept.out.find("infeasible"), std::string::npos) << swept.out;
}

TEST_F(CliSweep, WrongUseIsRefusedBeforeAnythingIsTrained) {
  expect_error(run(sweep({"--batch-sizes", "32,32", "--epochs", "1"})), 2, "twice");
  expect_error(run(sweep({"--batch-sizes", "32"})), 2, "--epochs or --samples");
  expect_error(run(sweep({"--batch-sizes", "32", "--epochs", "1", "--reach", "val_accuracy"})), 2, "--reach");
  expect_error(run(sweep({"--batch-sizes", "32", "--epochs", "1", "--rule", "linear", "--optimizers", "adam"})), 2,
               "the rule must suit Adam: \"square_root\"");
  expect_error(run(sweep({"--batch-sizes", "32", "--epochs", "4", "--halving", "--out", folder + "/sweep"})), 2,
               "several learning rates");
  EXPECT_FALSE(fs::exists(folder + "/sweep/sweep.json"));
}

TEST_F(CliSweep, ARunOrATuneInItsFolderIsRefusedAndChangesNothing) {
  const std::string out = folder + "/sweep";
  const Words again = sweep({"--batch-sizes", "64", "--epochs", "1", "--out", out});
  ASSERT_EQ(run({"train", "mlp", mnist, "--batch-size", "64", "--epochs", "1", "--out", folder + "/run"}).code, 0);
  Words from_file = again;
  from_file[1] = folder + "/run/start.keras";
  ASSERT_EQ(run(from_file).code, 0);
  const std::string start = text_of_file(out + "/start.keras"), cells = text_of_file(out + "/sweep.json");
  for (const bool overwrite : {false, true}) {
    Words words = train({"--out", out});
    if (overwrite) words.emplace_back("--overwrite");
    expect_error(run(words), 2, "must not hold a sweep");
    words = {"tune", "mlp", data, "--time", "1s", "--out", out};
    if (overwrite) words.emplace_back("--overwrite");
    expect_error(run(words), 2, "must not hold a sweep");
  }
  // Nor where the sweep was cut off before its first sweep.json.
  fs::rename(out + "/sweep.json", folder + "/sweep.json");
  expect_error(run(train({"--out", out})), 2, "must not hold a sweep");
  fs::rename(folder + "/sweep.json", out + "/sweep.json");
  EXPECT_EQ(text_of_file(out + "/start.keras"), start);
  EXPECT_EQ(text_of_file(out + "/sweep.json"), cells);
  EXPECT_EQ(run({"resume", out}).code, 0);
}

TEST_F(CliSweep, AModelOfOthersInItsFolderIsNotTakenForItsOwn) {
  const std::string out = folder + "/mixed";
  ASSERT_EQ(run({"train", "mlp", mnist, "--batch-size", "64", "--epochs", "1", "--out", folder + "/run"}).code, 0);
  fs::create_directories(out);
  std::ofstream(out + "/start.keras") << "mine";
  Words words = sweep({"--batch-sizes", "64", "--epochs", "1", "--out", out});
  words[1] = folder + "/run/model.keras";
  expect_error(run(words), 2, "it is of no sweep");
  EXPECT_EQ(text_of_file(out + "/start.keras"), "mine");
  words.emplace_back("--overwrite");
  EXPECT_EQ(run(words).code, 0);
}

TEST_F(CliSweep, KilledAtRandomMomentsItEndsWithTheSameTable) {
  const Words settings{"--batch-sizes", "16,64", "--learning-rates",   "0.01,0.05", "--seeds",  "2",
                       "--epochs",      "4",     "--checkpoint-every", "40steps",   "--halving"};
  const auto words = [&](const std::string& out) {
    Words all = sweep(settings);
    all.insert(all.end(), {"--out", out});
    return all;
  };
  const std::string whole = folder + "/whole", cut = folder + "/cut";
  const auto began = std::chrono::steady_clock::now();
  ASSERT_EQ(run(words(whole)).code, 0);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();

  const char* asked = std::getenv("BATCHWISE_SWEEP_KILLS");
  const int kills = asked ? std::atoi(asked) : 6;
  std::mt19937 generator(static_cast<uint32_t>(kills));
  std::uniform_real_distribution<double> moment(0.02, 1.2 * seconds / kills);
  int killed = 0;
  for (int i = 0; i < kills; ++i) {
    Child child(program, i % 2 == 0 || !fs::exists(cut + "/sweep.json") ? words(cut) : Words{"resume", cut}, folder);
    std::this_thread::sleep_for(std::chrono::duration<double>(moment(generator)));
    killed += child.running();
    child.send(SIGKILL);
    child.wait();
  }
  EXPECT_GE(killed, kills / 2) << "the sweep was over too soon for its kills";
  ASSERT_EQ(run(words(cut)).code, 0);
  EXPECT_TRUE(kept(cut) == kept(whole)) << kept(cut) << "\nis not\n" << kept(whole);
}

}  // namespace
}  // namespace batchwise
