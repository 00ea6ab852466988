// Reads control groups of version 1 and 2.
#include "base/cgroup.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>

namespace batchwise {
namespace {

// Limits beyond this are "none": version 1 writes a huge number for it.
constexpr int64_t kNoLimit = int64_t{1} << 60;

std::optional<int64_t> parse(std::string_view word) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

// The path of this process's group for a controller of version 1, or of version 2 when `controller` is empty.
std::optional<std::string> group_path(const std::string& proc, std::string_view controller) {
  std::ifstream file(proc + "/self/cgroup");
  for (std::string line; std::getline(file, line);) {  // "4:memory:/a/b" or "0::/a/b"
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    std::stringstream controllers(line.substr(first + 1, second - first - 1));
    bool ours = controller.empty() && second == first + 1;
    for (std::string name; std::getline(controllers, name, ',');)
      ours = ours || (!controller.empty() && name == controller);
    if (ours) return line.substr(second + 1);
  }
  return std::nullopt;
}

// The group's folders from its own to the root. In a container the path may be the host's, not to be found below the
// mount: its missing parts are passed over, and the mount itself is the container's own group.
std::vector<std::string> upwards(std::string path) {
  std::vector<std::string> paths;
  while (!path.empty() && path != "/") {
    paths.push_back(path);
    path = path.substr(0, path.rfind('/'));
  }
  paths.push_back("");
  return paths;
}

void add_version_2(const std::string& proc, const std::string& mount, std::vector<MemoryGroup>& groups) {
  const auto path = group_path(proc, "");
  if (!path) return;
  for (const std::string& at : upwards(*path)) {
    const std::string folder = mount + at;
    const int64_t limit = std::min(number_in(folder + "/memory.max").value_or(kNoLimit),
                                   number_in(folder + "/memory.high").value_or(kNoLimit));
    if (limit >= kNoLimit) continue;
    const int64_t used = number_in(folder + "/memory.current").value_or(0) -
                         number_after(folder + "/memory.stat", "inactive_file").value_or(0) -
                         number_after(folder + "/memory.stat", "active_file").value_or(0) -
                         number_after(folder + "/memory.stat", "slab_reclaimable").value_or(0);
    groups.push_back({at.empty() ? "/" : at, limit, std::max<int64_t>(used, 0)});
  }
}

void add_version_1(const std::string& proc, const std::string& mount, std::vector<MemoryGroup>& groups) {
  const auto path = group_path(proc, "memory");
  if (!path) return;
  for (const std::string& at : upwards(*path)) {
    const std::string folder = mount + at;
    const int64_t limit = number_in(folder + "/memory.limit_in_bytes").value_or(kNoLimit);
    if (limit >= kNoLimit) continue;
    const int64_t used = number_in(folder + "/memory.usage_in_bytes").value_or(0) -
                         number_after(folder + "/memory.stat", "total_inactive_file").value_or(0) -
                         number_after(folder + "/memory.stat", "total_active_file").value_or(0);
    groups.push_back({at.empty() ? "/" : at, limit, std::max<int64_t>(used, 0)});
  }
}

void lower(std::optional<double>& quota, double found) { quota = quota ? std::min(*quota, found) : found; }

}  // namespace

std::optional<int64_t> number_in(const std::string& path) {
  std::ifstream file(path);
  std::string word;
  if (!(file >> word)) return std::nullopt;
  return parse(word);
}

std::optional<int64_t> number_after(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name, value;
    if (words >> name >> value && name == key) return parse(value);
  }
  return std::nullopt;
}

std::vector<MemoryGroup> memory_groups(const std::string& proc, const std::string& mount) {
  std::vector<MemoryGroup> groups;
  // Version 2 is mounted at the root, or beside version 1 as "unified".
  for (const char* at : {"", "/unified"}) add_version_2(proc, mount + at, groups);
  add_version_1(proc, mount + "/memory", groups);
  return groups;
}

std::optional<double> cpu_quota(const std::string& proc, const std::string& mount) {
  std::optional<double> quota;
  if (const auto path = group_path(proc, ""))
    for (const char* root : {"", "/unified"})
      for (const std::string& at : upwards(*path)) {
        std::ifstream file(mount + root + at + "/cpu.max");  // "max 100000" or "150000 100000"
        std::string cores, period;
        if (!(file >> cores >> period)) continue;
        const auto granted = parse(cores), of = parse(period);
        if (granted && of && *granted > 0 && *of > 0)
          lower(quota, static_cast<double>(*granted) / static_cast<double>(*of));
      }
  if (const auto path = group_path(proc, "cpu"))
    for (const char* root : {"/cpu", "/cpu,cpuacct"})
      for (const std::string& at : upwards(*path)) {
        const auto granted = number_in(mount + root + at + "/cpu.cfs_quota_us");
        const auto of = number_in(mount + root + at + "/cpu.cfs_period_us");
        if (granted && of && *granted > 0 && *of > 0)
          lower(quota, static_cast<double>(*granted) / static_cast<double>(*of));
      }
  return quota;
}

}  // namespace batchwise
