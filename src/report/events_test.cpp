// Events as JSON lines: the contract's keys, exact numbers, and streams that fail.
#include "report/events.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include <gtest/gtest.h>

#include <batchwise/error.h>

#include "report/event_log.h"
#include "report/idle_run.h"
#include "report/json_lines.h"

namespace batchwise {
namespace {

Plan some_plan() {
  Plan plan;
  plan.batch_size = 4096;
  plan.grain = 16;
  plan.grains = 256;
  plan.blocks = 8;
  plan.gradient_sums = 2;
  plan.lanes = 2;
  for (int c = 0; c < kByteClasses; ++c) plan.bytes.of[c] = 1000 + c;
  plan.peak_bytes = plan.bytes.total();
  plan.arena_bytes = 6000;
  plan.budget_bytes = int64_t{1} << 40;
  plan.smallest_budget = 5000;
  plan.roomy_budget = 9000;
  plan.instruction_set = "avx2";
  return plan;
}

constexpr const char* kPlanLine =
    "{\"event\":\"plan\",\"batch_size\":4096,\"peak_bytes\":7021,\"bytes\":{\"weights\":1000,\"gradients\":1001,"
    "\"optimizer\":1002,\"activations\":1003,"
    "\"scratch\":1004,\"pipeline\":1005,\"library\":1006},\"grain\":16,\"lanes\":2,\"grains\":256,\"blocks\":8,"
    "\"gradient_sums\":2,\"stages\":1,"
    "\"arena_bytes\":6000,\"budget_bytes\":1099511627776,\"smallest_budget\":5000,\"roomy_budget\":9000,\"recompute_"
    "share\":0.0,"
    "\"instruction_set\":\"avx2\"}";

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Events, PlanHasIntegersThatSumToThePeak) { EXPECT_EQ(json_line(plan_event(some_plan())), kPlanLine); }

TEST(Events, EpochCountsFromOneAndKeepsTheOrderOfTheLogs) {
  EXPECT_EQ(json_line(epoch_event(1, {{"loss", 0.1}, {"accuracy", 1}, {"val_loss", 1e-300}})),
            "{\"event\":\"epoch\",\"epoch\":1,\"loss\":0.1,\"accuracy\":1.0,\"val_loss\":1e-300}");
}

TEST(Events, NumbersReadBackTheSameAndWhatIsNotFiniteIsAString) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double third = 1.0 / 3;
  EXPECT_EQ(json_line(end_event(Logs{{"a", third}, {"b", std::nan("")}, {"c", kInfinity}, {"d", -kInfinity}})),
            "{\"event\":\"end\",\"a\":0.3333333333333333,\"b\":\"nan\",\"c\":\"inf\",\"d\":\"-inf\"}");
  EXPECT_EQ(std::stod("0.3333333333333333"), third);
}

TEST(Events, EndHoldsHistorySpeedPeakAndHash) {
  History history;
  history.history = {{"loss", {2, 1.5}}, {"val_loss", {3}}};
  history.samples_per_second = 1234.5;
  EXPECT_EQ(json_line(end_event(history, {.peak_rss_bytes = 77, .weights_sha256 = "ab"})),
            "{\"event\":\"end\",\"history\":{\"loss\":[2.0,1.5],\"val_loss\":[3.0]},\"samples_per_second\":1234.5,"
            "\"peak_rss_bytes\":77,\"weights_sha256\":\"ab\"}");
}

TEST(Events, NamesAreEscaped) {
  EXPECT_EQ(json_line(Config::object({{"a\"b\n", "c\\"}})), "{\"a\\\"b\\u000a\":\"c\\\\\"}");
}

TEST(JsonLines, WritesEveryEventAsItHappens) {
  std::ostringstream out;
  IdleRun run;
  auto lines = make_json_lines(out);
  lines->on_plan(some_plan());
  EXPECT_EQ(out.str(), std::string(kPlanLine) + "\n");
  out.str("");
  Logs logs{{"loss", 1}};
  run.at = {.updates = 40, .samples = 1280, .seconds = 2.5, .batch_size = 32};
  const std::string epoch =
      "{\"event\":\"epoch\",\"epoch\":5,\"loss\":1.0}\n"
      "{\"event\":\"progress\",\"epoch\":5,\"updates\":40,\"samples\":1280,\"seconds\":2.5,\"batch_size\":32,"
      "\"learning_rate\":0.25}\n";
  lines->on_epoch_end(4, logs, run);
  EXPECT_EQ(out.str(), epoch);
  out.str("");
  run.noise = NoiseScale{.value = 812, .low = 700.5, .high = 960};
  lines->on_epoch_end(4, logs, run);
  EXPECT_EQ(out.str(), epoch +
                           "{\"event\":\"noise_scale\",\"epoch\":5,\"samples\":1280,\"value\":812.0,\"low\":700.5,"
                           "\"high\":960.0}\n");
}

TEST(Events, PipelineSaysWhoWaitedForWhom) {
  History history;
  history.pipeline = {{.name = "map", .workers = 2, .depth = 4, .chosen = true, .elements = 9, .work_seconds = 1.5}};
  history.data_seconds = 0.25;
  EXPECT_EQ(json_line(pipeline_event(history)),
            "{\"event\":\"pipeline\",\"stages\":[{\"name\":\"map\",\"workers\":2,\"depth\":4,\"chosen\":true,"
            "\"elements\":9,\"work_seconds\":1.5,\"waited_seconds\":0.0}],\"data_seconds\":0.25}");
}

TEST(JsonLines, AStreamThatDoesNotTakeThemFailsTheRun) {
  std::ofstream full("/dev/full");
  try {
    write_event(full, end_event(Logs{}));
    FAIL() << "no error";
  } catch (const Error& error) { EXPECT_EQ(error.kind(), ErrorKind::Run); }
}

struct EventLogTest : testing::Test {
  void SetUp() override { std::filesystem::remove(path); }
  void TearDown() override { std::filesystem::remove(path); }
  std::string path = testing::TempDir() + "events_test.jsonl";
  IdleRun run;
  Logs logs{{"loss", 1}};
  std::string epoch_line(int epoch) {
    const std::string number = std::to_string(epoch);
    return "{\"event\":\"epoch\",\"epoch\":" + number + ",\"loss\":1.0}\n{\"event\":\"progress\",\"epoch\":" + number +
           ",\"updates\":0,\"samples\":0,\"seconds\":0.0,\"batch_size\":0,\"learning_rate\":0.25}\n";
  }
};

TEST_F(EventLogTest, CutsAtAResumeWhatWillHappenAgain) {
  std::string state;
  {
    EventLog log(path);
    log.on_plan(some_plan());
    EXPECT_FALSE(std::filesystem::exists(path));
    log.on_train_begin({}, run);
    log.on_epoch_end(0, logs, run);
    state = log.state();
    log.on_epoch_end(1, logs, run);  // after the checkpoint
  }
  EXPECT_EQ(text_of(path), std::string(kPlanLine) + "\n" + epoch_line(1) + epoch_line(2));
  EventLog log(path);
  log.on_plan(some_plan());
  log.restore(state);
  log.on_train_begin({}, run);
  EXPECT_EQ(text_of(path), std::string(kPlanLine) + "\n" + epoch_line(1));
  log.on_epoch_end(1, logs, run);
  EXPECT_EQ(end_line(path), "");
  log.append(end_event(Logs{{"loss", 2}}));
  EXPECT_EQ(text_of(path),
            std::string(kPlanLine) + "\n" + epoch_line(1) + epoch_line(2) + "{\"event\":\"end\",\"loss\":2.0}\n");
  EXPECT_EQ(end_line(path), "{\"event\":\"end\",\"loss\":2.0}");
}

TEST_F(EventLogTest, TheStepsOfAnEpochAreWholeAfterAResumeWithinIt) {
  const auto steps = [&](EventLog& log, int from, int to) {
    for (int step = from; step < to; ++step) {
      run.at = {.updates = step + 1, .samples = 8 * (step + 1), .batch_size = 8};
      log.on_train_batch_end(step, {{"loss", (step + 2) / 2.0}}, run);
    }
  };
  std::string state;
  {
    EventLog log(path);
    log.on_train_begin({}, run);
    log.on_epoch_begin(0, run);
    steps(log, 0, 2);
    state = log.state();
    steps(log, 2, 3);
  }
  EventLog log(path);
  log.restore(state);
  log.on_train_begin({}, run);
  steps(log, 2, 4);
  log.on_epoch_end(0, logs, run);
  const std::string text = text_of(path);
  EXPECT_TRUE(
      text.ends_with("{\"event\":\"steps\",\"epoch\":1,\"points\":[[1,8,0.0,1.0],[2,16,0.0,2.0],[3,24,0.0,3.0],"
                     "[4,32,0.0,4.0]]}\n"))
      << text;
}

TEST_F(EventLogTest, ARunWhoseLossIsNoLongerFiniteIsResumed) {
  const auto step = [&](EventLog& log, int at, double loss) {
    run.at = {.updates = at, .samples = 8 * at, .batch_size = 8};
    log.on_train_batch_end(at, {{"loss", loss}}, run);
  };
  for (const double loss : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    EventLog log(path);
    log.on_train_begin({}, run);
    run.at = {};
    log.on_epoch_begin(0, run);
    step(log, 1, 2.0);
    step(log, 2, loss);
    EventLog resumed(path);
    resumed.restore(log.state());
    EXPECT_EQ(resumed.state(), log.state());
  }
}

TEST_F(EventLogTest, ACheckpointOfAnEarlierVersionHoldsTheLengthAlone) {
  std::ofstream(path) << "0123456789";
  EventLog log(path);
  log.restore("4");
  log.on_train_begin({}, run);
  log.on_train_batch_end(7, logs, run);
  log.on_epoch_end(0, logs, run);
  EXPECT_EQ(text_of(path), "0123" + epoch_line(1)) << "the points of an epoch are whole or not there";
}

TEST_F(EventLogTest, WithoutACheckpointARunBeginsAnew) {
  std::ofstream(path) << "left over\n";
  EventLog log(path);
  log.on_plan(some_plan());
  log.on_train_begin({}, run);
  EXPECT_EQ(text_of(path), std::string(kPlanLine) + "\n");
}

TEST_F(EventLogTest, AFolderInItsPlaceIsRefused) {
  EventLog log(testing::TempDir());
  EXPECT_THROW(log.on_train_begin({}, run), Error);
}

TEST_F(EventLogTest, ADamagedStateIsRefused) {
  EventLog log(path);
  EXPECT_THROW(log.restore("12x"), Error);
  EXPECT_THROW(log.restore("-1"), Error);
  EXPECT_THROW(log.restore("{\"bytes\":3}"), Error);
}

}  // namespace
}  // namespace batchwise
