// Facts of the found budget, on made /proc and /sys trees and on the machine itself.
#include "plan/budget.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <batchwise/byte_size.h>

namespace batchwise {
namespace {

namespace fs = std::filesystem;

// A made system: 8 GiB free, this process using 100 MiB, no groups.
class Budget : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("batchwise-budget-" + std::to_string(::getpid()));
    fs::remove_all(root_);
    roots_ = {(root_ / "proc").string(), (root_ / "cgroup").string()};
    put("proc/meminfo", "MemTotal:       16777216 kB\nMemFree:          1 kB\nMemAvailable:    8388608 kB\n");
    put("proc/self/status",
        "Name:\tx\nVmPeak:\t 300000 kB\nVmSize:\t 204800 kB\nVmHWM:\t 153600 kB\nVmRSS:\t 102400 kB\nVmData:\t 51200 "
        "kB\n");
    put("proc/self/cgroup", "0::/\n");
  }
  void TearDown() override { fs::remove_all(root_); }
  void put(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  static std::string text(int64_t bytes) { return std::to_string(bytes) + "\n"; }

  fs::path root_;
  SystemRoots roots_;
};

TEST_F(Budget, FreeMemoryPlusOnesOwnIsTheBudgetWithoutLimits) {
  const FoundBudget found = find_budget(roots_);
  EXPECT_EQ(found.bytes, GiB(8) + MiB(100));
  EXPECT_NE(found.reason.find("free memory"), std::string::npos);
}

TEST_F(Budget, TheTightestGroupOnTheWayUpCounts) {
  put("proc/self/cgroup", "0::/jobs/7\n");
  put("cgroup/jobs/7/memory.max", "max\n");
  put("cgroup/jobs/7/memory.high", text(GiB(4)));
  put("cgroup/jobs/7/memory.current", text(MiB(100)));
  put("cgroup/jobs/memory.max", text(GiB(3)));
  put("cgroup/jobs/memory.current", text(GiB(2)));
  put("cgroup/jobs/memory.stat", "anon 1\nactive_file 0\ninactive_file " + text(GiB(1)));
  const FoundBudget found = find_budget(roots_);
  EXPECT_EQ(found.bytes, GiB(3) - (GiB(1) - MiB(100)));  // others use 1 GiB less our own; caches do not count
  EXPECT_NE(found.reason.find("/jobs,"), std::string::npos) << found.reason;
  EXPECT_EQ(found.considered.size(), 3u);
}

TEST_F(Budget, GroupsOfVersionOneCountAndTheirHugeNumberMeansNone) {
  put("proc/self/cgroup", "9:memory:/a\n4:cpu,cpuacct:/a\n0::/\n");
  put("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  put("cgroup/memory/a/memory.limit_in_bytes", text(GiB(1)));
  put("cgroup/memory/a/memory.usage_in_bytes", text(MiB(300)));
  put("cgroup/memory/a/memory.stat", "inactive_file 0\ntotal_inactive_file " + text(MiB(50)));
  EXPECT_EQ(find_budget(roots_).bytes, GiB(1) - MiB(150));
}

TEST_F(Budget, AContainersOwnGroupIsAtTheMount) {
  put("proc/self/cgroup", "0::/not/here\n");
  put("cgroup/memory.max", text(MiB(512)));
  put("cgroup/memory.current", text(MiB(100)));
  EXPECT_EQ(find_budget(roots_).bytes, MiB(512));
}

TEST_F(Budget, AddressLimitsCountWhatIsReservedAlready) {
  const pid_t child = ::fork();
  if (child == 0) {
    struct rlimit limit = {static_cast<rlim_t>(GiB(2)), static_cast<rlim_t>(GiB(2))};
    ::setrlimit(RLIMIT_DATA, &limit);
    const FoundBudget found = find_budget(roots_);  // VmData 50 MiB is below VmRSS: nothing is idle
    ::_exit(found.bytes == GiB(2) && found.reason.find("RLIMIT_DATA") != std::string::npos ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(Budget, ProcessMemoryReadsTheStatus) {
  EXPECT_EQ(process_memory(roots_).resident, MiB(100));
  EXPECT_EQ(process_memory(roots_).peak, MiB(150));
  EXPECT_EQ(process_memory({"/nowhere", "/nowhere"}).peak, 0);
}

TEST(BudgetOfThisMachine, IsPositiveAndExplained) {
  const FoundBudget found = find_budget();
  EXPECT_GT(found.bytes, MiB(1));
  EXPECT_FALSE(found.reason.empty());
  EXPECT_GE(process_memory().peak, process_memory().resident - MiB(4));
  EXPECT_GT(process_memory().resident, 0);
}

}  // namespace
}  // namespace batchwise
