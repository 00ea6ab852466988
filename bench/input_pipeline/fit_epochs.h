// Epochs of fit, as many as are asked for: answers "ready" after the first, then the seconds of others.
#pragma once

#include <batchwise/batchwise.h>

#include <chrono>
#include <memory>

#include "conversation.h"

namespace bench {

class EpochTimes : public batchwise::Callback {
 public:
  void on_epoch_end(int64_t /*epoch*/, batchwise::Logs&, batchwise::RunControl& control) override {
    if (--left_ > 0) return;
    if (started_) answer("seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count());
    else answer("ready");
    started_ = true;
    const std::optional<Request> request = next_request();
    if (!request) return control.stop();
    left_ = request->count;
    start_ = std::chrono::steady_clock::now();
  }

 private:
  int64_t left_ = 1;
  bool started_ = false;
  std::chrono::steady_clock::time_point start_;
};

inline void fit_epochs(batchwise::Model& model, const batchwise::Dataset& data, int64_t batch_size, int64_t memory) {
  batchwise::FitOptions options;
  options.batch_size = batch_size;
  options.epochs = 1'000'000'000;
  options.memory = memory;
  options.verbose = 0;
  options.callbacks = {std::make_shared<EpochTimes>()};
  model.fit(data, options);
}

}  // namespace bench
