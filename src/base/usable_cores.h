// The cores that this process may keep busy.
#pragma once

#include <string>

namespace batchwise {

// Where the kernel tells what a process may use. Tests point these at trees of their own.
struct SystemRoots {
  std::string proc = "/proc";
  std::string cgroup = "/sys/fs/cgroup";
};

// Its affinity, and the cgroups' CPU quotas rounded down. At least 1.
int usable_cores(const SystemRoots& roots = {});

}  // namespace batchwise
