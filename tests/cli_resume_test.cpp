// Runs that are interrupted or killed, and resumed: the same bits as if nothing had happened.
#include <chrono>
#include <optional>
#include <thread>

#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

struct Cut : Cli {
  // Waits until the run has gone on for a while, so that the signal meets it in the middle.
  static void wait_for_epochs(Child& child, const std::string& out, int epochs) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    while (child.running() && std::chrono::steady_clock::now() < deadline) {
      const std::string log = text_of_file(out + "/events.jsonl");
      int found = 0;
      for (size_t at = 0; (at = log.find("\"event\":\"epoch\"", at)) != std::string::npos; ++at) ++found;
      if (found >= epochs) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  Words long_run(const std::string& out) { return train({"--json", "--out", out, "--checkpoint-every", "7steps"}, 60); }
};

TEST_F(Cut, AnInterruptedRunExitsWith130AndIsResumedToTheSameBits) {
  const ChildResult whole = run(long_run(folder + "/whole"));
  for (int signal : {SIGINT, SIGTERM}) {
    const std::string out = folder + "/cut" + std::to_string(signal);
    Child child(program, long_run(out), folder);
    wait_for_epochs(child, out, 2);
    ASSERT_TRUE(child.running()) << "the run was over before it could be interrupted";
    child.send(signal);
    const ChildResult cut = child.wait();
    EXPECT_EQ(cut.code, 130) << cut.err;
    EXPECT_NE(cut.err.find("batchwise: ["), std::string::npos) << cut.err;
    EXPECT_FALSE(fs::exists(out + "/model.keras"));
    const ChildResult resumed = run({"resume", out, "--json"});
    EXPECT_EQ(hash(resumed), hash(whole));
    EXPECT_EQ(json::parse(resumed.last_line())["history"], json::parse(whole.last_line())["history"]);
    EXPECT_EQ(text_of_file(out + "/history.json"), text_of_file(folder + "/whole/history.json"));
  }
}

TEST_F(Cut, AKilledRunIsResumedToTheSameBits) {
  const ChildResult whole = run(long_run(folder + "/whole"));
  const std::string out = folder + "/cut";
  std::optional<Child> child;
  child.emplace(program, long_run(out), folder);
  for (int epochs : {1, 9, 20}) {
    wait_for_epochs(*child, out, epochs);
    ASSERT_TRUE(child->running()) << "the run was over before it could be killed";
    child->send(SIGKILL);
    EXPECT_EQ(child->wait().code, 128 + SIGKILL);
    child.emplace(program, Words{"resume", out, "--json"}, folder);
  }
  EXPECT_EQ(hash(child->wait()), hash(whole));
  EXPECT_EQ(events(text_of_file(out + "/events.jsonl")).size(),
            events(text_of_file(folder + "/whole/events.jsonl")).size());
}

TEST_F(Cut, AKillBeforeTheFirstCheckpointBeginsAnew) {
  const Words words = train({"--json", "--out", folder + "/cut", "--checkpoint-every", "1000000steps"}, 60);
  Words uncut = words;
  uncut[11] = folder + "/whole";
  ASSERT_EQ(words[11], folder + "/cut");
  Child child(program, words, folder);
  wait_for_epochs(child, folder + "/cut", 1);
  child.send(SIGKILL);
  EXPECT_EQ(child.wait().code, 128 + SIGKILL);
  EXPECT_EQ(hash(run({"resume", folder + "/cut", "--json"})), hash(run(uncut)));
}

TEST_F(Cut, AResumeMayChangeTheBatchSize) {
  const std::string out = folder + "/cut";
  Child child(program, long_run(out), folder);
  wait_for_epochs(child, out, 2);
  child.send(SIGINT);
  ASSERT_EQ(child.wait().code, 130);
  const ChildResult resumed = run({"resume", out, "--batch-size", "50", "--json"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(json::parse(resumed.last_line())["history"]["loss"].size(), 60u);
  EXPECT_EQ(json::parse(text_of_file(out + "/run.json"))["settings"]["batch_size"], 50);
}

}  // namespace
}  // namespace batchwise
