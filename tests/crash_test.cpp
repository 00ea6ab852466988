// Runs killed at random moments, in the middle of checkpoints too, and resumed: the same bits as if nothing had
// happened.
#include <chrono>
#include <functional>
#include <iostream>
#include <optional>
#include <random>
#include <thread>

#include <batchwise/batchwise.h>

#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// A model file and its data, written by the test.
struct Crash : Cli {
  std::string model_file = "model.keras";
  Words more;  // further words of train

  void write_data(const Shape& sample, int64_t samples, int64_t classes, bool weights) {
    std::mt19937 random(7);
    std::vector<float> x(static_cast<size_t>(samples * sample.count())), w(static_cast<size_t>(samples));
    std::vector<uint8_t> y(static_cast<size_t>(samples));
    for (size_t i = 0; i < y.size(); ++i) {
      y[i] = static_cast<uint8_t>(random() % static_cast<unsigned>(classes));
      w[i] = static_cast<float>(random() % 1000) / 500.0f;
      for (int64_t k = 0; k < sample.count(); ++k)
        x[i * static_cast<size_t>(sample.count()) + static_cast<size_t>(k)] =
            static_cast<float>(random() % 2001) / 1000.0f - 1.0f + (k % classes == y[i] ? 0.5f : 0.0f);
    }
    std::vector<std::pair<std::string, Array>> arrays = {{"x", Array::from(x, sample.with_batch(samples))},
                                                         {"y", Array::from(y, {samples})}};
    if (weights) arrays.emplace_back("sample_weight", Array::from(w, {samples}));
    write_npz(data, arrays);
  }
  void write_model(Model model, const Spec& optimizer) {
    model.compile({.optimizer = optimizer,
                   .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
    model.initialize(3);
    model_file = folder + "/model.keras";
    model.save(model_file);
  }
  void small_mlp() {
    write_data({12}, 203, 5, true);
    write_model(Sequential({Input({12}), Dense({.units = 32, .activation = "relu"}), Dense({.units = 5})}),
                SGD({.learning_rate = 0.05f, .momentum = 0.9f, .nesterov = true}));
    more = {"--batch-size", "20", "--epochs", "30"};
  }
  void wide_mlp() {
    write_data({64}, 107, 10, false);
    write_model(Sequential({Input({64}), Dense({.units = 512, .activation = "relu"}), Dropout(0.2),
                            Dense({.units = 512, .activation = "relu"}), Dense({.units = 10})}),
                Adam({.learning_rate = 1e-3f}));
    more = {"--batch-size", "16", "--epochs", "20", "--validation-split", "0.1"};
  }
  void cnn() {
    write_data({8, 8, 2}, 150, 4, true);
    write_model(
        Sequential({Input({8, 8, 2}), Conv2D({.filters = 8, .kernel_size = 3, .padding = "same"}), BatchNormalization(),
                    ReLU(), MaxPooling2D(), Flatten(), Dropout(0.3), Dense({.units = 4})}),
        Adam({.learning_rate = 2e-3f}));
    more = {"--batch-size", "32", "--epochs", "30"};
  }
  void ghost_cnn() {
    write_data({8, 8, 1}, 150, 4, false);
    write_model(Sequential({Input({8, 8, 1}), Conv2D({.filters = 8, .kernel_size = 3}),
                            BatchNormalization({.ghost = 8}), ReLU(), Dropout(0.2), Flatten(), Dense({.units = 4})}),
                SGD({.learning_rate = 0.02f, .momentum = 0.9f}));
    more = {"--batch-size", "40", "--epochs", "30", "--validation-split", "0.2", "--lanes", "3"};
  }

  Words start(const std::string& out) const {
    Words words{"train",  model_file,           data,     "--memory", "256M", "--seed", "11",
                "--json", "--checkpoint-every", "3steps", "--out",    out};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  static Words go_on(const std::string& out) { return {"resume", out, "--json"}; }

  // The largest step among the checkpoints; -1: none. `cut`: one is being written.
  static int64_t newest(const std::string& out, bool* cut = nullptr) {
    int64_t step = -1;
    std::error_code error;
    for (fs::directory_iterator it(out + "/checkpoints", error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename().string();
      if (name.find(".tmp-") != std::string::npos) {
        if (cut) *cut = true;
      } else {
        step = std::max<int64_t>(step, std::stoll(name.substr(name.find('-') + 1)));
      }
    }
    return step;
  }
  static bool wait_for(Child& child, const std::function<bool()>& ready) {
    const auto start = Clock::now();
    while (child.running() && since(start) < 60) {
      if (ready()) return true;
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    return false;
  }

  // Kills `wanted` times and resumes; whatever finishes in between must have the uninterrupted run's hash.
  void kill_and_resume(int wanted, unsigned seed) {
    const auto begin = Clock::now();
    const ChildResult whole = run(start(folder + "/whole"));
    const double seconds = since(begin);
    const std::string expected = hash(whole);
    ASSERT_EQ(expected.size(), 64u);
    std::mt19937 random(seed);
    int kills = 0, inside_checkpoints = 0, before_the_record = 0, finished = 0;
    // A checkpoint is written in less time than a busy machine may take to look: until one was met, kills go on.
    for (int round = 0; kills < wanted || inside_checkpoints == 0; ++round) {
      ASSERT_LT(round, 100) << "runs or checkpoints are over before they can be killed";
      const std::string out = folder + "/cut" + std::to_string(finished);
      const bool there = fs::exists(out + "/run.json");
      const int64_t before = newest(out);
      Child child(program, there ? go_on(out) : start(out), folder);
      const double delay = static_cast<double>(random() % 1000) / 1000.0 * std::min(0.4, seconds / 4);
      const auto started = Clock::now();
      const bool in_checkpoint = round % 2 == 1;
      wait_for(child, [&] {
        if (since(started) < delay) return false;
        bool cut = !in_checkpoint;
        newest(out, &cut);
        return cut;
      });
      if (in_checkpoint && round % 4 == 1) std::this_thread::sleep_for(std::chrono::microseconds(random() % 400));
      child.send(SIGKILL);
      const ChildResult end = child.wait();
      if (end.code == 0) {
        EXPECT_EQ(hash(end), expected) << "seed " << seed << ", round " << round;
        ++finished;
        continue;
      }
      ASSERT_EQ(end.code, 128 + SIGKILL) << end.err;
      ++kills;
      bool cut = false;
      EXPECT_GE(newest(out, &cut), before) << "progress was lost";
      inside_checkpoints += cut;
      before_the_record += !fs::exists(out + "/run.json");
    }
    const std::string out = folder + "/cut" + std::to_string(finished);
    const bool there = fs::exists(out + "/run.json");
    const int64_t before = newest(out);
    const ChildResult last = run(there ? go_on(out) : start(out));
    EXPECT_EQ(hash(last), expected) << "seed " << seed;
    EXPECT_GE(newest(out), before);
    EXPECT_EQ(text_of_file(out + "/history.json"), text_of_file(folder + "/whole/history.json"));
    EXPECT_TRUE(Model::load(out + "/model.keras").initialized());
    std::cout << "  " << kills << " kills, " << inside_checkpoints << " inside a checkpoint, " << before_the_record
              << " before run.json, " << finished + 1 << " runs finished; uninterrupted " << seconds << " s\n";

    const ChildResult again = run(go_on(out));
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_NE(again.err.find("is finished"), std::string::npos) << again.err;
  }
};

TEST_F(Crash, AnMlpWithMomentumAndSampleWeightsSurvivesKills) {
  small_mlp();
  kill_and_resume(12, 101);
}
TEST_F(Crash, AWideMlpWithAdamDropoutAndValidationSurvivesKills) {
  wide_mlp();
  kill_and_resume(12, 102);
}
TEST_F(Crash, ACnnWithBatchNormDropoutAndSampleWeightsSurvivesKills) {
  cnn();
  kill_and_resume(12, 103);
}
TEST_F(Crash, ACnnWithGhostBatchNormAndDropoutSurvivesKills) {
  ghost_cnn();
  kill_and_resume(12, 104);
}

TEST_F(Crash, SignalsAtRandomMomentsGiveACheckpointAnExitOf130AndTheSameBits) {
  cnn();
  const ChildResult whole = run(start(folder + "/whole"));
  std::mt19937 random(9);
  const std::string out = folder + "/cut";
  int interrupted = 0;
  for (int round = 0; round < 8; ++round) {
    const int64_t before = newest(out);
    Child child(program, round == 0 ? start(out) : go_on(out), folder);
    // From the first checkpoint of this process on, signals are caught.
    if (!wait_for(child, [&] { return newest(out) > before; })) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 20));
    child.send(round % 2 ? SIGTERM : SIGINT);
    const ChildResult cut = child.wait();
    if (cut.code == 0) break;
    ++interrupted;
    ASSERT_EQ(cut.code, 130) << cut.err;
    const size_t at = cut.err.find("batchwise: [fit] interrupted after ");
    ASSERT_NE(at, std::string::npos) << cut.err;
    EXPECT_EQ(std::stoll(cut.err.substr(at + 35)), newest(out)) << "the last update must be in the checkpoint";
    EXPECT_FALSE(fs::exists(out + "/model.keras"));
  }
  EXPECT_GE(interrupted, 2);
  const ChildResult last = run(go_on(out));
  EXPECT_EQ(last.code, 0) << last.err;
  EXPECT_EQ(json::parse(last.last_line())["weights_sha256"], json::parse(whole.last_line())["weights_sha256"]);
}

TEST_F(Crash, AKilledRunGoesOnWithAnotherBatchSize) {
  ghost_cnn();
  const std::string out = folder + "/cut";
  Child child(program, start(out), folder);
  ASSERT_TRUE(wait_for(child, [&] { return newest(out) >= 9; }));
  child.send(SIGKILL);
  child.wait();
  std::vector<std::string> hashes;
  for (const char* copy : {"a", "b"}) {  // a choice like any other: made twice, the same bits
    const std::string place = folder + "/" + copy;
    fs::copy(out, place, fs::copy_options::recursive);
    const ChildResult resumed = run({"resume", place, "--batch-size", "24", "--json"});
    ASSERT_EQ(resumed.code, 0) << resumed.err;
    hashes.push_back(json::parse(resumed.last_line())["weights_sha256"]);
    EXPECT_EQ(json::parse(resumed.last_line())["history"]["loss"].size(), 30u);
  }
  EXPECT_EQ(hashes[0], hashes[1]);
}

TEST_F(Crash, AFolderInUseIsRefusedAndTheRunThatUsesItIsNotDisturbed) {
  small_mlp();
  const std::string expected = hash(run(start(folder + "/whole")));
  const std::string out = folder + "/cut", second = folder + "/second";
  fs::create_directories(second);
  more[3] = "100";
  const std::string longer = hash(run(start(folder + "/longer")));
  EXPECT_NE(longer, expected);
  Child child(program, start(out), folder);
  ASSERT_TRUE(wait_for(child, [&] { return newest(out) >= 3; }));
  Words over = start(out);
  over.push_back("--overwrite");
  for (const Words& words : {go_on(out), over}) {
    const ChildResult refused = Child(program, words, second).wait();
    expect_error(refused, 2, "another process");
  }
  EXPECT_TRUE(child.running()) << "the run was over before it could be disturbed";
  const ChildResult end = child.wait();
  EXPECT_EQ(hash(end), longer);
}

}  // namespace
}  // namespace batchwise
