// Facts of the cores that may be used, on a made tree of cgroups and on the machine itself.
#include "base/usable_cores.h"

#include <sched.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace batchwise {
namespace {

namespace fs = std::filesystem;

class UsableCores : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("batchwise-cores-" + std::to_string(::getpid()));
    fs::remove_all(root_);
    roots_ = {(root_ / "proc").string(), (root_ / "cgroup").string()};
    put("proc/self/cgroup", "0::/\n");
  }
  void TearDown() override { fs::remove_all(root_); }
  void put(const std::string& name, const std::string& text) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  fs::path root_;
  SystemRoots roots_;
};

TEST_F(UsableCores, FollowQuotasOfBothVersionsAndAreAtLeastOne) {
  cpu_set_t allowed;
  ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
  EXPECT_EQ(usable_cores(roots_), CPU_COUNT(&allowed));
  put("cgroup/cpu.max", "max 100000\n");
  EXPECT_EQ(usable_cores(roots_), CPU_COUNT(&allowed));
  put("cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(usable_cores(roots_), 1);
  fs::remove(root_ / "cgroup/cpu.max");
  put("proc/self/cgroup", "4:cpu,cpuacct:/a\n");
  put("cgroup/cpu/a/cpu.cfs_quota_us", "100000\n");
  put("cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(usable_cores(roots_), 1);
}

TEST_F(UsableCores, OfThisMachineAreThoseOfItsAffinity) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  EXPECT_GE(usable_cores(), 1);
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int core = 0; CPU_COUNT(&one) == 0; ++core)
    if (CPU_ISSET(core, &before)) CPU_SET(core, &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(usable_cores(), 1);
  ::sched_setaffinity(0, sizeof before, &before);
}

}  // namespace
}  // namespace batchwise
