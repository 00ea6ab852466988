// The callbacks of a run as one.
#include "training/callbacks/observers.h"

namespace batchwise {

std::function<std::shared_ptr<Callback>(int verbose)>& progress_factory() {
  static std::function<std::shared_ptr<Callback>(int)> factory;
  return factory;
}

Observers::Observers(std::vector<std::shared_ptr<Callback>> callbacks, int verbose) : callbacks_(std::move(callbacks)) {
  if (verbose > 0 && progress_factory()) callbacks_.push_back(progress_factory()(verbose));
}

int64_t Observers::memory(int64_t weight_bytes) const {
  int64_t bytes = 0;
  for (const auto& callback : callbacks_) bytes += callback->memory(weight_bytes);
  return bytes;
}

}  // namespace batchwise
