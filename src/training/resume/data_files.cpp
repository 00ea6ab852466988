// Lists of files: written once, read when something is wrong.
#include "training/resume/data_files.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <unordered_map>
#include <vector>

#include <batchwise/error.h>

#include "base/atomic_file.h"
#include "base/input_file.h"

namespace batchwise {
namespace {

constexpr size_t kNamed = 3;
constexpr size_t kPart = size_t{1} << 16;
constexpr int64_t kMostBytes = int64_t{1} << 32;

// Each name and each state ends with a zero: names may hold anything else.
std::unordered_map<std::string, std::string> parsed(const std::string& text) {
  std::unordered_map<std::string, std::string> files;
  for (size_t at = 0; at < text.size();) {
    const size_t state = text.find('\0', at) + 1;
    const size_t end = state == 0 ? std::string::npos : text.find('\0', state);
    if (end == std::string::npos) break;
    files.emplace(text.substr(at, state - 1 - at), text.substr(state, end - state));
    at = end + 1;
  }
  return files;
}

std::string names_of(const std::vector<std::string>& files, const char* what) {
  if (files.empty()) return "";
  std::string text;
  for (size_t i = 0; i < std::min(kNamed, files.size()); ++i) text += (i == 0 ? "" : ", ") + files[i];
  if (files.size() > kNamed) text += " and " + std::to_string(files.size() - kNamed) + " more";
  return ' ' + std::string(what) + ": " + text + '.';
}

}  // namespace

void write_data_files(const std::string& path, const Dataset& data) {
  std::optional<AtomicFile> file;
  std::string text;  // a part of the file
  data.stage()->list_files([&](std::string_view name, std::string_view state) {
    if (!file) file.emplace(path);
    text.append(name).push_back('\0');
    text.append(state).push_back('\0');
    if (text.size() < kPart) return;
    file->write(text);
    text.clear();
  });
  if (!file) return;
  file->write(text);
  file->commit();
}

std::string changed_data_files(const std::string& path, const Dataset& data) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return "";
  std::unordered_map<std::string, std::string> before;
  try {
    before = parsed(InputFile(path).read_all(kMostBytes));
  } catch (const Error&) { return ""; }
  std::vector<std::string> changed, added, gone;
  data.stage()->list_files([&](std::string_view name, std::string_view state) {
    const auto known = before.find(std::string(name));
    if (known == before.end()) return added.emplace_back(name), void();
    if (known->second != state) changed.emplace_back(name);
    before.erase(known);
  });
  for (const auto& file : before) gone.push_back(file.first);
  std::sort(gone.begin(), gone.end());
  return names_of(changed, "Changed since") + names_of(gone, "Gone since, or damaged") + names_of(added, "New");
}

}  // namespace batchwise
