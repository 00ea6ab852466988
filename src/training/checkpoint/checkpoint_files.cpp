// Lists and removes the checkpoint files of a folder.
#include "training/checkpoint/checkpoint_files.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include <unistd.h>

namespace batchwise {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStart = "checkpoint-", kEnding = ".bwc", kUnfinished = ".bwc.tmp-";

std::optional<int64_t> step_of(std::string_view name) {
  if (!name.starts_with(kStart) || !name.ends_with(kEnding) || name.size() <= kStart.size() + kEnding.size())
    return std::nullopt;
  name = name.substr(kStart.size(), name.size() - kStart.size() - kEnding.size());
  int64_t step = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), step);
  if (error != std::errc() || end != name.data() + name.size() || step < 0) return std::nullopt;
  return step;
}

}  // namespace

std::string checkpoint_path(const std::string& directory, int64_t step) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%012lld", static_cast<long long>(step));
  return directory + '/' + std::string(kStart) + digits + std::string(kEnding);
}

std::vector<std::pair<int64_t, std::string>> checkpoint_files(const std::string& directory) {
  std::vector<std::pair<int64_t, std::string>> files;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    if (const auto step = step_of(it->path().filename().string())) files.emplace_back(*step, it->path().string());
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  return files;
}

void remove_unfinished_checkpoints(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> found;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(kStart) && name.find(kUnfinished) != std::string::npos) found.push_back(it->path().string());
  }
  for (const std::string& path : found) ::unlink(path.c_str());
}

void remove_other_checkpoints(const std::string& directory, int64_t step) {
  int earlier = 0;
  for (const auto& [other, path] : checkpoint_files(directory)) {
    if (other == step || (other < step && earlier++ == 0)) continue;
    ::unlink(path.c_str());  // one that cannot be removed costs space and harms nothing
  }
}

}  // namespace batchwise
