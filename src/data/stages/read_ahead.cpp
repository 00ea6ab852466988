// Elements in order from workers out of order.
#include "data/stages/read_ahead.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <system_error>
#include <utility>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>
#include <batchwise/stage_options.h>

#include "base/usable_cores.h"
#include "data/stages/following_stage.h"

namespace batchwise {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kFirstDepth = 2, kMostDepth = 64;
constexpr int64_t kMostBytes = MiB(16);  // of a depth that is chosen
constexpr int64_t kLooks = 16;           // requests between two looks at who waits

int64_t nanoseconds_since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count();
}

int64_t bytes_of(const Element& element) {
  int64_t bytes = 0;
  for (const Array& array : element) bytes += array.bytes();
  return bytes;
}

}  // namespace

StageFacts StageMeter::facts() const {
  return {name,
          workers,
          depth,
          chosen,
          elements,
          static_cast<double>(work_nanoseconds) * 1e-9,
          static_cast<double>(waited_nanoseconds) * 1e-9};
}

ReadAhead::ReadAhead(Pull pull, Work work, int64_t workers, int64_t depth, StageMeter& meter, int64_t slot_bytes,
                     Asker asker)
    : pull_(std::move(pull)),
      work_(std::move(work)),
      most_workers_(
          std::max<int64_t>(1, workers == kAutotune ? usable_cores() - (asker == Asker::Works ? 1 : 0) : workers)),
      asker_works_(asker == Asker::Works),
      tunes_depth_(depth == kAutotune),
      depth_(depth == kAutotune ? std::max<int64_t>(kFirstDepth, meter.depth) : std::max<int64_t>(1, depth)),
      meter_(meter),
      slots_stated_(slot_bytes > 0),
      slot_bytes_(slot_bytes) {
  slots_.resize(static_cast<size_t>(std::min(depth_, kFirstDepth)));
  const int64_t first_workers =
      workers == kAutotune ? std::clamp<int64_t>(meter.workers, 1, most_workers_) : most_workers_;
  try {
    for (int64_t w = 0; w < first_workers; ++w) add_worker();
  } catch (...) {
    // The destructor of what was not made does not run: those that started must be told.
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    room_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    throw;
  }
  meter_.depth = depth_;
  meter_.chosen = workers == kAutotune || tunes_depth_;
}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  room_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ReadAhead::add_worker() {
  try {
    threads_.emplace_back([this] { serve(); });
  } catch (const std::system_error& error) {
    fail_run("workers", "the system must be able to start a thread for each of ", most_workers_,
             " workers. Got: ", error.what(), ".");
  }
  meter_.workers = static_cast<int64_t>(threads_.size());
}

// Whether one more element may be begun. Its slot is made before: a worker that has an element needs no memory to hand
// it over. Without memory for more slots, those there are have to do.
bool ReadAhead::has_room() {
  const int64_t held = pulled_ - taken_;
  if (held >= depth_ || held < static_cast<int64_t>(slots_.size())) return held < depth_;
  try {
    std::vector<Slot> more(static_cast<size_t>(std::min(depth_, 2 * held)));
    for (int64_t place = taken_; place < pulled_; ++place)
      more[static_cast<size_t>(place) % more.size()] = std::move(slot_of(place));
    slots_ = std::move(more);
    return true;
  } catch (const std::bad_alloc&) { return false; }
}

void ReadAhead::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    room_.wait(lock, [&] { return stop_ || ended_ || may_begin(); });
    if (stop_ || ended_) return;
    make_one(lock);
  }
}

void ReadAhead::make_one(std::unique_lock<std::mutex>& lock) {
  pulling_ = true;
  const int64_t place = pulled_, index = given_;
  lock.unlock();
  Element element;
  std::exception_ptr error;
  bool there = false;
  const Clock::time_point start = Clock::now();
  try {
    there = pull_(element, index);
  } catch (...) {
    error = std::current_exception();
    there = true;
  }
  lock.lock();
  pulling_ = false;
  if (!there) {
    ended_ = true;
    ready_.notify_all();
    room_.notify_all();
    return;
  }
  ++pulled_;
  const bool pulled = error == nullptr;
  given_ += pulled;
  lock.unlock();
  room_.notify_one();
  if (!error) try {
      element = work_(std::move(element), index);
    } catch (...) { error = std::current_exception(); }
  meter_.work_nanoseconds += nanoseconds_since(start);
  lock.lock();
  Slot& slot = slot_of(place);
  slot.element = std::move(element);
  slot.error = error;
  slot.pulled = pulled;
  slot.ready = true;
  if (place == taken_) ready_.notify_one();  // others are not waited for yet
}

bool ReadAhead::next(Element& element) {
  Slot slot;
  if (!take(slot)) return false;
  if (slot.error) std::rethrow_exception(slot.error);
  element = std::move(slot.element);
  return true;
}

int64_t ReadAhead::skip(int64_t count) {
  int64_t done = 0;
  for (Slot slot; done < count && take(slot); ++done)
    if (!slot.pulled) std::rethrow_exception(slot.error);
  return done;
}

bool ReadAhead::take(Slot& slot) {
  std::unique_lock lock(mutex_);
  const auto there = [&] { return taken_ == pulled_ ? ended_ : slot_of(taken_).ready; };
  bool waited = false;
  if (!there()) {
    waited = true;
    const Clock::time_point start = Clock::now();
    while (asker_works_ && !there() && may_begin()) make_one(lock);
    ready_.wait(lock, there);
    meter_.waited_nanoseconds += nanoseconds_since(start);
  }
  if (taken_ == pulled_) return false;
  slot = std::exchange(slot_of(taken_), Slot());
  ++taken_;
  if (!slots_stated_) slot_bytes_ = std::max(slot_bytes_, bytes_of(slot.element));
  tune(waited);
  lock.unlock();
  room_.notify_one();
  ++meter_.elements;
  return true;
}

// More workers while most requests found nothing ready; a greater depth while some did.
void ReadAhead::tune(bool waited) {
  if (ended_) return;
  ++asked_;
  dry_ += waited;
  if (asked_ < kLooks) return;
  if (2 * dry_ > asked_ && static_cast<int64_t>(threads_.size()) < most_workers_) try {
      add_worker();
    } catch (...) {
      // No thread or no memory for one: those that there are go on. The element that was taken must not be lost.
    }
  const int64_t wanted = std::max<int64_t>(depth_ * 2, 2 * static_cast<int64_t>(threads_.size()));
  if (tunes_depth_ && 8 * dry_ > asked_ && wanted <= kMostDepth &&
      wanted * std::max<int64_t>(1, slot_bytes_) <= kMostBytes) {
    depth_ = wanted;
    meter_.depth = depth_;
  }
  asked_ = dry_ = 0;
}

int64_t ReadAhead::most_depth(int64_t slot_bytes) {
  return std::clamp(kMostBytes / std::max<int64_t>(1, slot_bytes), kFirstDepth, kMostDepth);
}

int64_t ReadAhead::depth_bytes(int64_t depth, const std::vector<Column>& columns) {
  const int64_t each = element_bytes(columns);
  return (depth == kAutotune ? most_depth(each) : depth) * each;
}

int64_t ReadAhead::bytes(int64_t workers, const std::vector<Column>& columns) {
  return depth_bytes(workers == kAutotune ? kAutotune : 2 * workers, columns);
}

}  // namespace batchwise
