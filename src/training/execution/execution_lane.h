// What a lane has of its own: lists of pointers for the calls of kernels, made once, and its way through a run.
#pragma once

#include <cstdint>
#include <exception>
#include <span>
#include <vector>

#include "training/execution/execution.h"

namespace batchwise {

struct Execution::Lane {
  std::vector<const void*> inputs, values;
  std::vector<const void*> in_place;  // per input of the model: where the data itself is read; null: the grain's copy
  std::vector<void*> outputs, output_gradients, input_gradients;
  std::vector<float*> weight_gradients;
  std::vector<char> given;  // per weight: its gradient was made beside the sum
  std::vector<double*> metrics;
  std::span<int64_t> rows;
  double* doubles = nullptr;
  double ignored = 0;
};

// One lane's way through a run. What goes wrong on it is kept until all lanes have met: they leave at the same meeting.
class Execution::Passage {
 public:
  Passage(Execution& execution, Lanes& lanes, GradientSums* sums)
      : failed_before_(execution.failed_before_), lanes_(lanes), sums_(sums) {}

  // Some lane has failed: what it does until the next meeting is for nothing.
  bool failed() const { return failed_before_.load(std::memory_order_acquire) != kNever; }
  // False: leave.
  bool meet() {
    lanes_.barrier().meet();
    return failed_before_.load(std::memory_order_acquire) > meeting_++;
  }
  template <class Work>
  void guarded(const Work& work) {
    try {
      work();
    } catch (const GradientSums::Abandoned&) {
      // Another lane failed and says why.
    } catch (...) {
      error_ = std::current_exception();
      failed_before_.store(meeting_, std::memory_order_release);
      if (sums_) sums_->abandon();
    }
  }
  void end() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::atomic<int64_t>& failed_before_;
  Lanes& lanes_;
  GradientSums* const sums_;
  int64_t meeting_ = 0;
  std::exception_ptr error_;
};

}  // namespace batchwise
