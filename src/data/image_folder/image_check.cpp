// Decodes every file once.
#include "data/image_folder/image_check.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include <batchwise/error.h>

namespace batchwise {

std::vector<std::pair<int64_t, std::string>> damaged_images(const PathList& paths, const std::vector<FileState>& states,
                                                            int channels) {
  std::vector<std::pair<int64_t, std::string>> damaged;
  std::exception_ptr failure;  // of this program, not of a file
  std::mutex mutex;
  std::atomic<int64_t> next{0};
  const auto work = [&] {
    try {
      ImageFile file({}, channels);
      for (int64_t i; (i = next++) < paths.size();) try {
          file.check(paths.c_str(i), states[static_cast<size_t>(i)]);
        } catch (const Error& error) {
          const std::lock_guard lock(mutex);
          damaged.emplace_back(i, error.what());
        }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      next = paths.size();
    }
  };
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) others.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  std::sort(damaged.begin(), damaged.end());
  return damaged;
}

}  // namespace batchwise
