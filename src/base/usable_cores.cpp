// Cores from affinity and quotas.
#include "base/usable_cores.h"

#include <algorithm>
#include <thread>

#include <sched.h>

#include "base/cgroup.h"

namespace batchwise {

int usable_cores(const SystemRoots& roots) {
  int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) cores = std::max(1, CPU_COUNT(&allowed));
  if (const auto quota = cpu_quota(roots.proc, roots.cgroup)) cores = std::clamp(static_cast<int>(*quota), 1, cores);
  return cores;
}

}  // namespace batchwise
