// The memory that this process may use: from cgroups, limits and what is free.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/usable_cores.h"

namespace batchwise {

struct FoundBudget {
  int64_t bytes = 0;                    // for the whole process, what it uses already included
  std::string reason;                   // "memory limit of the cgroup /jobs/7, less 2.0 GiB used by others"
  std::vector<std::string> considered;  // every bound found, one sentence each
};

// The smallest of: what is free on the machine, the limits of all enclosing cgroups (v1 and v2) less what others use
// there (their caches can be reclaimed and do not count), RLIMIT_AS and RLIMIT_DATA.
FoundBudget find_budget(const SystemRoots& roots = {});

struct ProcessMemory {
  int64_t resident = 0;  // VmRSS, bytes
  int64_t peak = 0;      // VmHWM, bytes
  int64_t files = 0;     // RssFile, bytes: the part of `resident` that lies in files as well, code above all
};
// Does not allocate. Zeros where the kernel does not tell.
ProcessMemory process_memory(const SystemRoots& roots = {});

}  // namespace batchwise
