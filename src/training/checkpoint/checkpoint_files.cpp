// Lists and removes the checkpoint files of a folder.
#include "training/checkpoint/checkpoint_files.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>

#include <dirent.h>
#include <unistd.h>

namespace batchwise {
namespace {

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

// std::filesystem's iterator ends the process where memory runs out.
std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(directory.c_str()), ::closedir);
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) names.emplace_back(entry->d_name);
  return names;
}

}  // namespace

std::string checkpoint_path(const std::string& directory, int64_t step) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%012lld", static_cast<long long>(step));
  return directory + '/' + std::string(kStart) + digits + std::string(kEnding);
}

std::vector<std::pair<int64_t, std::string>> checkpoint_files(const std::string& directory) {
  std::vector<std::pair<int64_t, std::string>> files;
  for (const std::string& name : names_in(directory))
    if (const auto step = step_of(name)) files.emplace_back(*step, directory + '/' + name);
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  return files;
}

void remove_unfinished_checkpoints(const std::string& directory) {
  for (const std::string& name : names_in(directory))
    if (name.starts_with(kStart) && name.find(kUnfinished) != std::string::npos)
      ::unlink((directory + '/' + name).c_str());
}

void remove_other_checkpoints(const std::string& directory, int64_t step) {
  int earlier = 0;
  for (const auto& [other, path] : checkpoint_files(directory)) {
    if (other == step || (other < step && earlier++ == 0)) continue;
    ::unlink(path.c_str());  // one that cannot be removed costs space and harms nothing
  }
}

}  // namespace batchwise
