// The cache of unpacked data.
#include "data/cache_folder.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <chrono>
#include <filesystem>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <batchwise/error.h>

#include "formats/npy/npy.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

constexpr char kCure[] = " Set XDG_CACHE_HOME to a folder that can be written.";

// Parts that name one state of one file.
std::string identity_of(const std::string& path) {
  struct stat facts;
  std::error_code error;
  const fs::path whole = fs::canonical(path, error);
  require(!error && ::stat(path.c_str(), &facts) == 0, path,
          "the file must exist and be readable. Got: ", error ? error.message() : std::strerror(errno), ".");
  return whole.string() + '\n' + std::to_string(facts.st_size) + '\n' + std::to_string(facts.st_mtim.tv_sec) + '.' +
         std::to_string(facts.st_mtim.tv_nsec);
}

std::string name_of_contents(const std::string& source, const std::string& identity, const std::string& purpose) {
  const std::string text = identity + '\n' + purpose;
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  char digits[33];
  std::snprintf(digits, sizeof digits, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return fs::path(source).filename().string().substr(0, 64) + '-' + digits + ".npy";
}

bool whole(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) return false;
  try {
    open_npy(path);
    return true;
  } catch (const Error&) { return false; }
}

// What a killed process left: a temporary file that nobody has written to for a day.
void remove_leftovers(const fs::path& folder) {
  std::error_code error;
  const auto day_ago = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().find(".npy.tmp-") == std::string::npos) continue;
    std::error_code ignored;
    if (fs::last_write_time(it->path(), ignored) < day_ago && !ignored) fs::remove(it->path(), ignored);
  }
}

}  // namespace

std::string cache_folder() {
  // The specification of XDG: a path that is not absolute is ignored.
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && cache[0] == '/')
    return std::string(cache) + "/batchwise";
  const char* home = std::getenv("HOME");
  require(home && home[0] == '/', "cache", "the cache of unpacked data needs a home folder. Got HOME=\"",
          home ? home : "", "\".", kCure);
  return std::string(home) + "/.cache/batchwise";
}

std::vector<std::string> cached(const std::string& source, const std::vector<std::string>& purposes,
                                const std::function<void(const std::vector<std::string>& paths)>& make) {
  const std::string folder = cache_folder();
  const std::string identity = identity_of(source);
  std::vector<std::string> paths;
  bool there = true;
  for (const std::string& purpose : purposes) {
    paths.push_back(folder + '/' + name_of_contents(source, identity, purpose));
    there = whole(paths.back()) && there;
  }
  if (there) return paths;
  std::error_code error;
  fs::create_directories(folder, error);
  require(!error && ::access(folder.c_str(), W_OK) == 0, folder,
          "the cache of unpacked data must be a folder that can be written. Got: ",
          error ? error.message() : std::strerror(errno), ".", kCure);
  remove_leftovers(folder);
  make(paths);
  // A source that changed meanwhile would be known under the name of what it was before.
  if (identity_of(source) != identity) {
    for (const std::string& path : paths) ::unlink(path.c_str());
    fail_run(source, "the file changed while it was being read. Start again when it is complete.");
  }
  return paths;
}

}  // namespace batchwise
