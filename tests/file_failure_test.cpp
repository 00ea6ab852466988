// File operations of the program that fail one by one: one line, what existed is whole, and the run goes on to the same
// bits.
#include <unistd.h>

#include <iostream>

#include <batchwise/batchwise.h>

#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

struct FileFailure : Cli {
  const std::string strace = "/usr/bin/strace";

  void SetUp() override {
    Cli::SetUp();
    model = folder + "/model.keras";
    Model m = Sequential({Input({8}), Dense({.units = 6, .activation = "relu"}), Dropout(0.2), Dense({.units = 3})});
    m.compile(
        {.optimizer = Adam(), .loss = SparseCategoricalCrossentropy({.from_logits = true}), .metrics = {"accuracy"}});
    m.initialize(1);
    m.save(model);
    expected = hash(run(words(folder + "/whole")));
  }
  Words words(const std::string& out) const {
    return {"train",    model,  data,     "--batch-size",       "100",    "--epochs", "2",
            "--memory", "256M", "--json", "--checkpoint-every", "4steps", "--out",    out};
  }
  bool can_trace() {
    return ::access(strace.c_str(), X_OK) == 0 &&
           Child(strace, {"-o", folder + "/trace", "-e", "trace=fsync", "/bin/true"}, folder).wait().code == 0;
  }
  static void expect_one_line(const ChildResult& result) {
    const size_t at = result.err.find("batchwise: [");
    ASSERT_NE(at, std::string::npos) << result.err;
    EXPECT_EQ(result.err.find('\n', at), result.err.size() - 1) << result.err;
  }
  // The failed run is resumed, or begun again where it had not begun.
  void expect_same_bits(const std::string& out) {
    EXPECT_TRUE(!fs::exists(out + "/model.keras") || Model::load(out + "/model.keras").initialized());
    const bool there = fs::exists(out + "/run.json");
    const ChildResult again = run(there ? Words{"resume", out, "--json"} : words(out));
    EXPECT_EQ(hash(again), expected);
    EXPECT_EQ(text_of_file(out + "/history.json"), text_of_file(folder + "/whole/history.json"));
    for (const auto& entry : fs::recursive_directory_iterator(out))
      EXPECT_EQ(entry.path().string().find(".tmp-"), std::string::npos) << entry.path();
  }

  std::string model, expected;
};

TEST_F(FileFailure, OfEveryOperationOfARun) {
  if (!can_trace()) GTEST_SKIP() << "strace is not to be had here";
  const std::string out = folder + "/run";
  int total = 0;
  const struct {
    const char *call, *error;
    bool events;  // only those of events.jsonl
  } table[] = {{"pwrite64", "ENOSPC", false}, {"pwrite64", "EIO", false},  {"fsync", "EIO", false},
               {"rename", "EACCES", false},   {"ftruncate", "EIO", false}, {"mkdir", "ENOSPC", false},
               {"write", "ENOSPC", true}};
  for (const auto& entry : table) {
    int failures = 0;
    for (int at = 1;; ++at) {
      SCOPED_TRACE(std::string(entry.call) + " number " + std::to_string(at) + " fails with " + entry.error);
      fs::remove_all(out);
      const std::string call = entry.call;
      Words traced{
          "-f", "-qq",           "-o", folder + "/trace",
          "-e", "trace=" + call, "-e", "inject=" + call + ":error=" + entry.error + ":when=" + std::to_string(at)};
      if (entry.events) traced.insert(traced.end(), {"-P", fs::weakly_canonical(out).string() + "/events.jsonl"});
      traced.push_back(program);
      for (const std::string& word : words(out)) traced.push_back(word);
      const ChildResult result = Child(strace, traced, folder).wait();
      const bool injected = text_of_file(folder + "/trace").find("(INJECTED)") != std::string::npos;
      if (!injected) {
        EXPECT_EQ(result.code, 0) << result.err;
        break;
      }
      ++failures;
      if (result.code == 0) {  // one that the run can do without
        EXPECT_EQ(hash(result), expected);
        continue;
      }
      EXPECT_TRUE(result.code == 1 || (result.code == 2 && !fs::exists(out + "/run.json")))
          << result.code << " " << result.err;
      expect_one_line(result);
      expect_same_bits(out);
      if (HasFailure()) return;
    }
    EXPECT_GT(failures, 0) << entry.call;
    std::cout << "  " << failures << " times " << entry.call << " " << entry.error << "\n";
    total += failures;
  }
  EXPECT_GT(total, 40);
}

TEST_F(FileFailure, ADiskThatIsFullAtAnySize) {
  const std::string out = folder + "/run", line = "ulimit -f \"$1\"; shift; exec \"$@\"";
  int failures = 0;
  for (int blocks = 0; blocks < 80; blocks += 1 + blocks / 12) {  // of 512 bytes
    SCOPED_TRACE(std::to_string(blocks) + " blocks");
    fs::remove_all(out);
    Words limited{"-c", line, "sh", std::to_string(blocks), program};
    for (const std::string& word : words(out)) limited.push_back(word);
    // Its output would be cut short too: it goes where no limit is.
    const ChildResult result = Child("/bin/sh", limited, folder, "/dev/null").wait();
    if (result.code == 0) continue;
    ++failures;
    EXPECT_TRUE(result.code == 1 || (result.code == 2 && !fs::exists(out + "/run.json")))
        << result.code << " " << result.err;
    expect_same_bits(out);
    if (HasFailure()) return;
  }
  EXPECT_GT(failures, 5);
}

TEST_F(FileFailure, OfAPredictionKeepsTheOlderFile) {
  const std::string y = folder + "/y.npy";
  ASSERT_EQ(run({"predict", model, data, "--out", y}).code, 0);
  const std::string before = text_of_file(y);
  for (const std::string blocks : {"0", "1", "4", "9"}) {
    const ChildResult result =
        Child("/bin/sh",
              {"-c", "ulimit -f \"$1\"; shift; exec \"$@\"", "sh", blocks, program, "predict", model, data, "--out", y},
              folder, "/dev/null")
            .wait();
    EXPECT_EQ(result.code, 1) << blocks;
    EXPECT_EQ(text_of_file(y), before);
  }
  for (const auto& entry : fs::directory_iterator(folder))
    EXPECT_EQ(entry.path().string().find(".tmp-"), std::string::npos) << entry.path();
}

TEST_F(FileFailure, OfASavedModelKeepsTheOlderOne) {
  const std::string before = text_of_file(model);
  Model m = Model::load(model);
  fs::create_directories(folder + "/locked.keras");
  EXPECT_THROW(m.save(folder + "/locked.keras"), Error);
  EXPECT_THROW(m.save(folder + "/none/model.keras"), Error);
  EXPECT_THROW(m.save("/proc/model.keras"), Error);
  EXPECT_EQ(text_of_file(model), before);
}

}  // namespace
}  // namespace batchwise
