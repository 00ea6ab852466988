// Facts of atomic files: all or nothing, what is refused, and that no temporary file stays behind.
#include "base/atomic_file.h"

#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <batchwise/error.h>

#include "base/input_file.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/batchwise_atomic_XXXXXX";
    folder = ::mkdtemp(name);
  }
  void TearDown() override { fs::remove_all(folder); }
  std::string at(const std::string& name) const { return (folder / name).string(); }
  std::string content(const std::string& name) const { return InputFile(at(name)).read_all(1 << 20); }
  size_t files() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }
  fs::path folder;
};

TEST_F(AtomicFileTest, TheTargetAppearsWithAllBytesAtCommitAndNotBefore) {
  AtomicFile file(at("a"));
  file.write("hello ");
  file.write("world");
  file.write_at(0, "J", 1);
  EXPECT_FALSE(fs::exists(at("a")));
  file.commit();
  EXPECT_EQ(content("a"), "Jello world");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFileTest, WithoutCommitTheOldFileStaysAndNoTemporaryFile) {
  write_file_atomically(at("a"), "old");
  {
    AtomicFile file(at("a"));
    file.write("new");
  }
  EXPECT_EQ(content("a"), "old");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFileTest, ReplacingKeepsTheMode) {
  write_file_atomically(at("a"), "old");
  ASSERT_EQ(::chmod(at("a").c_str(), 0640), 0);
  write_file_atomically(at("a"), "new");
  struct stat facts;
  ASSERT_EQ(::stat(at("a").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0640u);
}

TEST_F(AtomicFileTest, ALinkStaysALinkAndItsTargetIsReplaced) {
  write_file_atomically(at("real"), "old");
  fs::create_symlink("real", at("link"));
  write_file_atomically(at("link"), "new");
  EXPECT_TRUE(fs::is_symlink(at("link")));
  EXPECT_EQ(content("real"), "new");
}

TEST_F(AtomicFileTest, WhatIsNotARegularFileIsRefusedAndStays) {
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  fs::create_directory(at("folder"));
  fs::create_symlink("nowhere", at("dangling"));
  for (const char* name : {"pipe", "folder", "dangling"}) EXPECT_THROW(AtomicFile{at(name)}, Error) << name;
  EXPECT_THROW(AtomicFile{"/dev/null"}, Error);
  EXPECT_THROW(AtomicFile{at("missing/a")}, Error);
  EXPECT_THROW(AtomicFile{""}, Error);
  EXPECT_TRUE(fs::is_fifo(at("pipe")));
  EXPECT_EQ(files(), 3u);
}

TEST_F(AtomicFileTest, AFullDiskIsAnErrorOfTheRunThatNamesThePathAndLeavesTheOldFile) {
  write_file_atomically(at("a"), "old");
  // The file size limit stands for a full disk; in a child, since it is for the whole process.
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int code = 1;
    try {
      write_file_atomically(at("a"), std::string(5000, 'x'));
    } catch (const Error& error) {
      code = error.kind() == ErrorKind::Run && std::string(error.what()).find(at("a")) != std::string::npos ? 42 : 2;
    }
    ::_exit(code);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 42);
  EXPECT_EQ(content("a"), "old");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFileTest, AFileThatTheSystemHasNoRoomForIsAnErrorOfTheRunAndAWrongPlaceOneOfInput) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{3, 3};  // of descriptors: those that are open
    ::setrlimit(RLIMIT_NOFILE, &limit);
    int code = 1;
    try {
      write_file_atomically(at("a"), "x");
    } catch (const Error& error) { code = error.kind() == ErrorKind::Run ? 42 : 2; }
    ::_exit(code);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 42);
  try {
    AtomicFile{at("missing/a")};
    FAIL();
  } catch (const Error& error) { EXPECT_EQ(error.kind(), ErrorKind::Input); }
}

TEST_F(AtomicFileTest, InputFilesAreRegularAndReadsPastTheEndAreErrors) {
  write_file_atomically(at("a"), "0123456789");
  InputFile file(at("a"));
  char digits[4] = {};
  file.read_at(6, digits, 4);
  EXPECT_EQ(std::string(digits, 4), "6789");
  EXPECT_THROW(file.read_at(7, digits, 4), Error);
  EXPECT_THROW(file.read_all(9), Error);
  EXPECT_THROW(InputFile{at("missing")}, Error);
  EXPECT_THROW(InputFile{"/dev/zero"}, Error);
  EXPECT_THROW(InputFile{at("")}, Error);
}

}  // namespace
}  // namespace batchwise
