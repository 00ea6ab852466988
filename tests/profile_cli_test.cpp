// batchwise train --profile: the table, the trace and the report, also of a run that does not come to its end.
#include <chrono>
#include <limits>
#include <map>
#include <set>
#include <thread>

#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

struct ProfiledRun : Cli {
  Words profiled(const Words& more = {}, int epochs = 3) {
    Words words{"--profile", "--out", out, "--lanes", "2", "--grain", "10"};
    words.insert(words.end(), more.begin(), more.end());
    return train(words, epochs, 50);
  }
  void expect_table(const std::string& text) {
    for (const char* part : {"Where the time went: ", " on 2 lanes", "MiB/step", "floor ÷ time", "dense", "backward",
                             "update", "a whole step", "GB/s of a lane"})
      EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  }
  // What lanes did, by the words of a profile.
  std::map<int, std::set<std::string>> traced() const {
    std::map<int, std::set<std::string>> work;
    const json trace = json::parse(text_of_file(out + "/trace.json"));
    for (const json& event : trace["traceEvents"])
      if (event["ph"] == "X") work[event["tid"].get<int>()].insert(event["cat"].get<std::string>());
    return work;
  }
  void expect_trace() const {
    const auto work = traced();
    ASSERT_EQ(work.size(), 2u);
    for (const auto& [lane, words] : work)
      for (const char* word : {"update", "wait for lanes"}) EXPECT_TRUE(words.contains(word)) << lane << " " << word;
    for (const char* word : {"fetch", "forward", "loss", "backward"})
      EXPECT_TRUE(work.at(0).contains(word) || work.at(1).contains(word)) << word;
  }
  json profile() const {
    const std::vector<json> told = events_named("profile", events(text_of_file(out + "/events.jsonl")));
    EXPECT_EQ(told.size(), 1u);
    return told.empty() ? json() : told[0];
  }
  void expect_report() {
    const ChildResult result = run({"report", out});
    ASSERT_EQ(result.code, 0) << result.err;
    const std::string page = text_of_file(out + "/report.html");
    for (const char* part : {"<section id=\"time\"", "Where the time of a step went", "MiB of a step", "share",
                             "floor ÷ time", "a whole step"})
      EXPECT_NE(page.find(part), std::string::npos) << part;
  }

  std::string out;
  void SetUp() override {
    Cli::SetUp();
    out = folder + "/run";
  }
};

TEST_F(ProfiledRun, SaysWhereTheTimeWentOnTheScreenInATraceAndInTheReport) {
  const ChildResult result = run(profiled({"--validation-split", "0.2"}));
  ASSERT_EQ(result.code, 0) << result.err;
  expect_table(result.err);
  EXPECT_NE(result.err.find("saved " + out + "/trace.json"), std::string::npos) << result.err;
  expect_trace();
  expect_report();
  const json told = profile();
  EXPECT_EQ(told["steps"], 3 * 8 - 1);
  EXPECT_EQ(told["lanes"], 2);
  EXPECT_GT(told["flops_per_second"], 0) << "a small network has a floor too";
  for (const json& row : told["rows"]) {
    const std::set<std::string> without = {"wait for lanes", "wait for data", "validation", "checkpoint",
                                           "between steps"};
    const std::string work = row["work"];
    EXPECT_EQ(row["bytes"] > 0, !without.contains(work)) << row;
    EXPECT_EQ(row["floor_seconds"] > 0, row["bytes"] > 0) << row;
  }
}

TEST_F(ProfiledRun, IsOneMoreEventForAReaderOfJson) {
  const ChildResult result = run(profiled({"--json"}));
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(events_named("profile", events(result.out)).size(), 1u);
  EXPECT_EQ(result.err.find("Where the time went"), std::string::npos) << result.err;
}

TEST_F(ProfiledRun, ThatIsInterruptedHandsOverWhatWasMeasured) {
  Child child(program, profiled({}, 100000), folder);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  const auto begun = [&] {
    return text_of_file(out + "/events.jsonl").find("\"event\":\"epoch\"") != std::string::npos;
  };
  while (child.running() && !begun() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  child.send(SIGINT);
  const ChildResult cut = child.wait();
  ASSERT_EQ(cut.code, 130) << cut.err;
  expect_table(cut.err);
  EXPECT_GT(cut.err.find("batchwise: [fit] interrupted"), cut.err.find("a whole step")) << "the error comes last";
  expect_trace();
  EXPECT_GE(profile()["steps"], 8);
  expect_report();
}

TEST_F(ProfiledRun, ThatFailsHandsOverWhatWasMeasured) {
  std::vector<float> x(kSamples * 8, 0.5f);
  x[310 * 8] = std::numeric_limits<float>::quiet_NaN();  // in the seventh batch
  std::vector<uint8_t> y(kSamples);
  for (size_t i = 0; i < y.size(); ++i) y[i] = static_cast<uint8_t>(i % 3);
  write_npz(data, {{"x", Array::from(x, {kSamples, 8})}, {"y", Array::from(y, {kSamples})}});
  const ChildResult failed = run(profiled({"--no-shuffle"}));
  ASSERT_NE(failed.code, 0);
  expect_table(failed.err);
  EXPECT_NE(failed.err.find("sample 310"), std::string::npos) << failed.err;
  expect_trace();
  EXPECT_EQ(profile()["steps"], 5) << "six were made, the first is not counted";
}

}  // namespace
}  // namespace batchwise
