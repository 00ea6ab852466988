// The control groups that a process is in, from its own up to the root, as their files state them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace batchwise {

// One group that bounds memory. Bytes.
struct MemoryGroup {
  std::string name;  // "/jobs/7"
  int64_t limit = 0;
  int64_t used = 0;  // without what the kernel can take back from file caches
};

// Groups of version 1 and 2 that state a limit. `proc` and `mount` are /proc and /sys/fs/cgroup.
std::vector<MemoryGroup> memory_groups(const std::string& proc, const std::string& mount);
// The smallest number of cores that a quota grants; nothing when there is none.
std::optional<double> cpu_quota(const std::string& proc, const std::string& mount);

// The first word of a small text file as a number; nothing when it is missing, "max" or no number.
std::optional<int64_t> number_in(const std::string& path);
// The number after the word `key` ("inactive_file 4096", "MemAvailable:  12 kB") of a file; nothing when absent.
std::optional<int64_t> number_after(const std::string& path, const std::string& key);

}  // namespace batchwise
