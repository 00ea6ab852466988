// Checking of images on all cores.
#include "data/image_folder/image_check.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include <batchwise/error.h>

#include "base/usable_cores.h"

namespace batchwise {

std::vector<CheckedImage> check_images(const PathList& paths, const std::vector<FileState>& states, int channels) {
  std::vector<CheckedImage> checked(static_cast<size_t>(paths.size()));
  std::exception_ptr failure;
  std::mutex mutex;
  std::atomic<int64_t> next{0};
  const auto work = [&] {
    try {
      ImageFile file({}, channels);
      for (int64_t i; (i = next++) < paths.size();) {
        CheckedImage& result = checked[static_cast<size_t>(i)];
        try {
          result.facts = file.check(paths.c_str(i), states[static_cast<size_t>(i)]);
        } catch (const BudgetError&) { throw; } catch (const Error& error) {
          result.damage = error.what();
        }
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      next = paths.size();
    }
  };
  {
    std::vector<std::jthread> others;
    for (int core = 1; core < usable_cores(); ++core) others.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  return checked;
}

}  // namespace batchwise
