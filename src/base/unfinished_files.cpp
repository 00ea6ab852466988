// Temporary files found by their names: NAME.tmp-PROCESS-NUMBER.
#include "base/unfinished_files.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace batchwise {
namespace {

namespace fs = std::filesystem;

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The file's own name, as it lies in `temporary`; "": it is the name of no temporary file.
std::string_view own_name(std::string_view temporary) {
  constexpr std::string_view kMark = ".tmp-";
  const size_t mark = temporary.rfind(kMark);
  if (mark == std::string_view::npos) return {};
  const std::string_view rest = temporary.substr(mark + kMark.size());
  const size_t dash = rest.find('-');
  if (dash == std::string_view::npos || !is_number(rest.substr(0, dash)) || !is_number(rest.substr(dash + 1)))
    return {};
  return temporary.substr(0, mark);
}

}  // namespace

void remove_unfinished_files(const std::string& folder, const std::vector<std::string>& names) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string file = at->path().filename().string();
    const std::string_view name = own_name(file);
    if (name.empty() || !at->is_regular_file(error)) continue;
    if (names.empty() || std::find(names.begin(), names.end(), name) != names.end()) found.push_back(at->path());
  }
  for (const fs::path& file : found) fs::remove(file, error);
}

}  // namespace batchwise
