// The threads of a session.
#include "training/lanes/lanes.h"

#include <system_error>

#include <batchwise/error.h>

#include "training/lanes/flushed_denormals.h"

namespace batchwise {

Lanes::Lanes(int count) : count_(count), barrier_(count), errors_(static_cast<size_t>(count)) {
  try {
    for (int lane = 1; lane < count; ++lane) threads_.emplace_back([this, lane] { serve(lane); });
  } catch (const std::system_error& error) {
    leave();
    fail_run("lanes", "the system must be able to start a thread for each of ", count, " lanes. Got: ", error.what(),
             ". Give fewer --lanes.");
  } catch (...) {
    leave();
    throw;
  }
}

Lanes::~Lanes() { leave(); }

void Lanes::leave() {
  leave_.store(true, std::memory_order_release);
  round_.fetch_add(1, std::memory_order_release);
  started_.announce();
  for (std::thread& thread : threads_) thread.join();
}

void Lanes::start() {
  pending_.store(count_ - 1, std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  if (count_ > 1) started_.announce();
  try {
    const FlushedDenormals flushed;
    call_(context_, 0);
  } catch (...) { errors_[0] = std::current_exception(); }
  done_.wait([&] { return pending_.load(std::memory_order_acquire) == 0; });
  for (std::exception_ptr& error : errors_)
    if (error) {
      const std::exception_ptr first = error;
      for (std::exception_ptr& each : errors_) each = nullptr;
      std::rethrow_exception(first);
    }
}

void Lanes::start_first() {
  const FlushedDenormals flushed;
  call_(context_, 0);
}

void Lanes::serve(int lane) {
  const FlushedDenormals flushed;
  uint32_t seen = 0;
  for (;;) {
    started_.wait([&] { return round_.load(std::memory_order_acquire) != seen; });
    seen = round_.load(std::memory_order_acquire);
    if (leave_.load(std::memory_order_acquire)) return;
    try {
      call_(context_, lane);
    } catch (...) { errors_[static_cast<size_t>(lane)] = std::current_exception(); }
    if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1) { done_.announce(); }
  }
}

}  // namespace batchwise
