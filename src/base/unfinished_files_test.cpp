// Facts of what killed processes leave: theirs goes, everything else stays.
#include "base/unfinished_files.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/atomic_file.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

struct UnfinishedFiles : ::testing::Test {
  void SetUp() override {
    char name[] = "/tmp/batchwise_unfinished_XXXXXX";
    folder = ::mkdtemp(name);
  }
  void TearDown() override { fs::remove_all(folder); }
  void put(const std::string& name) const { std::ofstream(folder + "/" + name) << "x"; }
  std::set<std::string> names() const {
    std::set<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder)) all.insert(entry.path().filename().string());
    return all;
  }
  std::string folder;
};

TEST_F(UnfinishedFiles, OfAKilledProcessAreRemoved) {
  const pid_t child = ::fork();
  if (child == 0) {
    AtomicFile file(folder + "/model.keras");
    file.write("half of it");
    ::raise(SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  ASSERT_EQ(names().size(), 1u);
  remove_unfinished_files(folder, {"model.keras"});
  EXPECT_TRUE(names().empty());
}

TEST_F(UnfinishedFiles, AreKnownByTheirNamesAlone) {
  const std::set<std::string> others{
      "model.keras", "model.keras.tmp-1", "model.keras.tmp-1-x", "model.keras.tmp-1-2-", "model.keras.tmp--1",
      "b.tmp-1-2",   ".tmp-1-2",          "model.keras.tmp-a-2", "amodel.keras.tmp-1-2"};
  for (const std::string& name : others) put(name);
  put("model.keras.tmp-12-0");
  put("run.json.tmp-1-34");
  fs::create_directories(folder + "/run.json.tmp-5-6");
  remove_unfinished_files(folder, {"model.keras", "run.json"});
  std::set<std::string> left = names();
  EXPECT_EQ(left.erase("run.json.tmp-5-6"), 1u) << "a folder is not ours";
  EXPECT_EQ(left, others);
  remove_unfinished_files(folder);
  EXPECT_EQ(names().count("b.tmp-1-2"), 0u);
  EXPECT_EQ(names().count("model.keras.tmp-1-x"), 1u);
  remove_unfinished_files(folder + "/nowhere");
}

}  // namespace
}  // namespace batchwise
