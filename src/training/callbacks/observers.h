// The callbacks of a run as one, and where drawing is plugged in.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <batchwise/callback.h>

namespace batchwise {

// Makes the callback that shows progress for a `verbose` above 0. Set by report/ when it is part of the program; the
// engine itself never prints.
std::function<std::shared_ptr<Callback>(int verbose)>& progress_factory();

// Calls every callback in order.
class Observers {
 public:
  Observers(std::vector<std::shared_ptr<Callback>> callbacks, int verbose);
  template <class Call>
  void each(const Call& call) const {
    for (const auto& callback : callbacks_) call(*callback);
  }
  const std::vector<std::shared_ptr<Callback>>& all() const { return callbacks_; }
  void message(const std::string& text) const {
    each([&](Callback& c) { c.on_message(text); });
  }
  int64_t memory(int64_t weight_bytes) const;

 private:
  std::vector<std::shared_ptr<Callback>> callbacks_;
};

}  // namespace batchwise
