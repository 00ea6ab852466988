// Facts of checkpoints: what is written comes back, and a crash, damage or full disk at any moment leaves the last good
// one.
#include "training/checkpoint/checkpoint.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <batchwise/error.h>

#include "training/checkpoint/checkpoint_files.h"
#include "training/checkpoint/fault_injection_test.h"
#include "training/checkpoint/run_lock.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

class Checkpoint : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / ("batchwise-checkpoint-" + std::to_string(::getpid()))).string();
    fs::remove_all(folder_);
  }
  void TearDown() override {
    testing::fail_file_operation(0, 0);
    fs::remove_all(folder_);
  }

  // A checkpoint whose contents follow from its step.
  static std::vector<float> values(int64_t step, size_t count) {
    std::vector<float> all(count);
    for (size_t i = 0; i < count; ++i) all[i] = static_cast<float>(step) + static_cast<float>(i % 1000) * 0.001f;
    return all;
  }
  void write(int64_t step, size_t count = 50000) const {
    CheckpointWriter writer(folder_, step, Config::object({{"step", step}, {"seed", int64_t{7}}}));
    writer.tensor("dense/kernel", values(step, count));
    writer.tensor("dense/bias", values(step, 3));
    writer.tensor("empty", {});
    writer.blob("callback 0", std::string("\0\1\2", 3));
    writer.commit();
  }
  // The step of the newest that verifies, its contents checked; -1: none.
  int64_t newest(size_t count = 50000) {
    messages_.clear();
    const auto reader = newest_checkpoint(folder_, messages_);
    if (!reader) return -1;
    std::vector<float> kernel(count);
    reader->tensor("dense/kernel", kernel);
    EXPECT_EQ(kernel, values(reader->step(), count));
    EXPECT_EQ(reader->header().at("step").as_int(), reader->step());
    return reader->step();
  }
  std::string path(int64_t step) const { return checkpoint_path(folder_, step); }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder_)) all.push_back(entry.path().filename().string());
    std::sort(all.begin(), all.end());
    return all;
  }

  std::string folder_;
  std::vector<std::string> messages_;
};

TEST_F(Checkpoint, GivesBackWhatWasWritten) {
  write(41);
  const CheckpointReader reader(path(41));
  EXPECT_EQ(reader.step(), 41);
  EXPECT_EQ(reader.header().at("seed").as_int(), 7);
  EXPECT_TRUE(reader.has("dense/bias"));
  EXPECT_FALSE(reader.has("dense/gamma"));
  std::vector<float> bias(3);
  reader.tensor("dense/bias", bias);
  EXPECT_EQ(bias, values(41, 3));
  EXPECT_EQ(reader.blob("callback 0"), std::string("\0\1\2", 3));
  reader.tensor("empty", {});
  EXPECT_THROW(reader.tensor("dense/bias", std::span<float>(bias).first(2)), Error);
  EXPECT_THROW(reader.blob("dense/bias"), Error);
  EXPECT_THROW(reader.tensor("dense/gamma", bias), Error);
}

TEST_F(Checkpoint, TheSameStateGivesTheSameBytes) {
  write(5);
  std::ifstream first(path(5), std::ios::binary);
  const std::string before((std::istreambuf_iterator<char>(first)), {});
  write(5);
  std::ifstream second(path(5), std::ios::binary);
  EXPECT_EQ(before, std::string((std::istreambuf_iterator<char>(second)), {}));
}

TEST_F(Checkpoint, TwoNewestAreKept) {
  for (const int64_t step : {1, 2, 3, 10}) write(step);
  EXPECT_EQ(names(), (std::vector<std::string>{"checkpoint-000000000003.bwc", "checkpoint-000000000010.bwc"}));
  EXPECT_EQ(newest(), 10);
}

TEST_F(Checkpoint, FilesOfAnAbandonedFutureAreRemoved) {
  for (const int64_t step : {10, 20}) write(step);
  fs::resize_file(path(20), 100);
  EXPECT_EQ(newest(), 10);
  write(15);
  EXPECT_EQ(newest(), 15);
  EXPECT_TRUE(messages_.empty());
  EXPECT_FALSE(fs::exists(path(20)));
}

TEST_F(Checkpoint, WithoutCommitNothingIsVisible) {
  write(1);
  {
    CheckpointWriter writer(folder_, 2, Config::object({}));
    writer.tensor("a", values(2, 100000));
  }
  EXPECT_EQ(names(), std::vector<std::string>{"checkpoint-000000000001.bwc"});
}

TEST_F(Checkpoint, NamesMustBeUnique) {
  CheckpointWriter writer(folder_, 2, Config::object({}));
  writer.blob("a", "x");
  EXPECT_THROW(writer.tensor("a", {}), Error);
}

TEST_F(Checkpoint, EveryTruncationIsNoticed) {
  write(1, 20);
  write(2, 20);
  std::ifstream in(path(2), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  for (size_t length = 0; length < whole.size(); ++length) {
    std::ofstream(path(2), std::ios::binary | std::ios::trunc)
        .write(whole.data(), static_cast<std::streamsize>(length));
    ASSERT_EQ(newest(20), 1) << length;
    ASSERT_EQ(messages_.size(), 1u);
  }
  EXPECT_NE(messages_[0].find("checkpoint-000000000002.bwc"), std::string::npos) << messages_[0];
  std::ofstream(path(2), std::ios::binary | std::ios::trunc) << whole << 'x';
  EXPECT_EQ(newest(20), 1);
}

TEST_F(Checkpoint, FlippedBitsAreNoticedInEveryByte) {
  write(1, 20);
  write(2, 20);
  std::ifstream in(path(2), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  for (size_t bit = 0; bit < whole.size() * 8; bit += 5) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    std::ofstream(path(2), std::ios::binary | std::ios::trunc) << damaged;
    ASSERT_EQ(newest(20), 1) << "bit " << bit;
  }
}

TEST_F(Checkpoint, AllDamagedMeansNone) {
  write(1, 20);
  fs::resize_file(path(1), 30);
  EXPECT_EQ(newest(20), -1);
  EXPECT_EQ(messages_.size(), 1u);
  EXPECT_FALSE(newest_checkpoint(folder_ + "/missing", messages_));
}

TEST_F(Checkpoint, AKillAtAnyMomentLeavesAGoodOne) {
  write(1);
  std::srand(12345);
  int64_t last = 1;
  int cut = 0;
  for (int kill = 0; kill < 60; ++kill) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (int64_t step = last + 1;; ++step) write(step);
    }
    const int most = last > 1 ? 8000 : 8000 * (kill + 1);  // microseconds: a busy machine may need longer for the first
    ::usleep(static_cast<useconds_t>(std::rand() % most));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const int64_t found = newest();
    ASSERT_GE(found, last);
    ASSERT_TRUE(messages_.empty());  // never a damaged file under a final name
    for (const std::string& name : names()) cut += name.find(".tmp-") != std::string::npos;
    last = found;
  }
  EXPECT_GT(last, 1);
  EXPECT_GT(cut, 0);
  write(last + 1);
  for (const std::string& name : names()) EXPECT_EQ(name.find(".tmp-"), std::string::npos) << name;
}

TEST_F(Checkpoint, AFullDiskKeepsTheOlderOne) {
  write(1);
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {100000, 100000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      write(2);
    } catch (const Error& error) { ::_exit(error.kind() == ErrorKind::Run ? 0 : 1); }
    ::_exit(2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(newest(), 1);
  EXPECT_EQ(names().size(), 1u);
}

TEST_F(Checkpoint, AnyFailingFileOperationLeavesAGoodOne) {
  for (const int error : {EIO, ENOSPC}) {
    fs::remove_all(folder_);
    write(1);
    int call = 1;
    for (;; ++call) {
      testing::fail_file_operation(call, error);
      ErrorKind kind = ErrorKind::Input;
      try {
        write(2);
      } catch (const Error& caught) { kind = caught.kind(); }
      const bool failed = testing::file_operation_failed();
      testing::fail_file_operation(0, 0);
      const int64_t found = newest();
      if (!failed) {
        EXPECT_EQ(found, 2);
        break;
      }
      EXPECT_EQ(kind, ErrorKind::Run) << call;
      EXPECT_TRUE(found == 1 || found == 2) << found;  // 2: the folder's fsync failed after the rename
      EXPECT_TRUE(messages_.empty());
      fs::remove(path(2));
      for (const std::string& name : names()) EXPECT_EQ(name.find(".tmp-"), std::string::npos) << name;
    }
    EXPECT_GE(call, 6);  // several writes, two fsyncs, one rename
  }
}

TEST_F(Checkpoint, APlaceThatCanNoLongerBeWrittenFailsTheRun) {
  write(1);
  const auto fails = [&] {
    try {
      write(2);
    } catch (const Error& error) { return error.kind() == ErrorKind::Run; }
    return false;
  };
  fs::create_directory(path(2));  // in the place of the file
  EXPECT_TRUE(fails());
  fs::remove_all(folder_);
  std::ofstream(folder_) << "a file";
  EXPECT_TRUE(fails());
}

TEST_F(Checkpoint, ARunFolderHasOneWriter) {
  fs::create_directories(folder_);
  auto held = std::make_unique<RunLock>(folder_);
  try {
    RunLock second(folder_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Input);
    EXPECT_NE(std::string(error.what()).find("another process"), std::string::npos);
  }
  held.reset();
  EXPECT_TRUE(names().empty());
  const pid_t child = ::fork();
  if (child == 0) {
    const RunLock lock(folder_);
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_NO_THROW(RunLock{folder_});  // the dead hold nothing
  EXPECT_THROW(RunLock{folder_ + "/missing"}, Error);
}

}  // namespace
}  // namespace batchwise
