// Finds the memory that this process may use.
#include "plan/budget.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <batchwise/byte_size.h>

#include "base/cgroup.h"

namespace batchwise {
namespace {

struct Bound {
  int64_t bytes;
  std::string reason;
};

void add_limit(std::vector<Bound>& bounds, int resource, const char* name, int64_t counted, int64_t resident) {
  struct rlimit limit;
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  const int64_t bytes = static_cast<int64_t>(std::min<rlim_t>(limit.rlim_cur, INT64_MAX));
  // These limits count addresses, reserved or used; the budget counts memory that is used.
  const int64_t idle = std::max<int64_t>(counted - resident, 0);
  bounds.push_back({std::max<int64_t>(bytes - idle, 0), std::string("the limit ") + name + ", " +
                                                            show_byte_size(bytes) + ", less " + show_byte_size(idle) +
                                                            " of reserved addresses"});
}

int64_t kib(const std::optional<int64_t>& value) { return value.value_or(0) * 1024; }

}  // namespace

FoundBudget find_budget(const SystemRoots& roots) {
  const int64_t resident = process_memory(roots).resident;
  std::vector<Bound> bounds;
  for (const MemoryGroup& group : memory_groups(roots.proc, roots.cgroup)) {
    const int64_t others = std::max<int64_t>(group.used - resident, 0);
    bounds.push_back({std::max<int64_t>(group.limit - others, 0), "the memory limit of the cgroup " + group.name +
                                                                      ", " + show_byte_size(group.limit) + ", less " +
                                                                      show_byte_size(others) + " used by others"});
  }
  const std::string status = roots.proc + "/self/status";
  add_limit(bounds, RLIMIT_AS, "RLIMIT_AS", kib(number_after(status, "VmSize:")), resident);
  add_limit(bounds, RLIMIT_DATA, "RLIMIT_DATA", kib(number_after(status, "VmData:")), resident);
  if (const auto available = number_after(roots.proc + "/meminfo", "MemAvailable:"))
    bounds.push_back(
        {*available * 1024 + resident, "free memory of the machine, " + show_byte_size(*available * 1024)});
  if (bounds.empty()) {
    const int64_t pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
    bounds.push_back({pages > 0 ? pages * page / 2 : MiB(512),
                      "half of the machine's memory, since the system does not tell what is free"});
  }
  FoundBudget found;
  for (const Bound& bound : bounds) found.considered.push_back(bound.reason + ": " + show_byte_size(bound.bytes));
  const Bound& smallest =
      *std::min_element(bounds.begin(), bounds.end(), [](const Bound& a, const Bound& b) { return a.bytes < b.bytes; });
  found.bytes = smallest.bytes;
  found.reason = smallest.reason;
  return found;
}

ProcessMemory process_memory(const SystemRoots& roots) {
  char path[512];
  const char ending[] = "/self/status";
  if (roots.proc.size() + sizeof ending > sizeof path) return {};
  std::memcpy(path, roots.proc.data(), roots.proc.size());
  std::memcpy(path + roots.proc.size(), ending, sizeof ending);
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  char text[8192];
  size_t size = 0;
  for (ssize_t got; size < sizeof text - 1 && (got = ::read(file, text + size, sizeof text - 1 - size)) > 0;)
    size += static_cast<size_t>(got);
  ::close(file);
  text[size] = '\0';
  const auto bytes = [&](const char* key) -> int64_t {
    const char* at = std::strstr(text, key);
    return at ? std::strtoll(at + std::strlen(key), nullptr, 10) * 1024 : 0;
  };
  return {bytes("\nVmRSS:"), bytes("\nVmHWM:"), bytes("\nRssFile:")};
}

}  // namespace batchwise
