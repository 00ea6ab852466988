// Trays of samples: found by their rows, the least recently used one is filled anew.
#include "training/samples/trays.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

namespace batchwise {
namespace {

int64_t row_bytes(const Column& column) { return column.shape.count() * size_of(column.dtype); }

}  // namespace

struct Trays::Tray {
  enum class State { Empty, BeingRead, Ready };
  const Source* source = nullptr;
  std::vector<int64_t> rows;
  uint64_t pass = 0;
  std::vector<std::vector<std::byte>> columns;
  std::vector<void*> out;
  State state = State::Empty;
  int users = 0;
  std::thread::id filled_by;
  uint64_t used = 0;
};

Trays::Trays(const Source& source, int64_t grain, int count) {
  for (int t = 0; t < count; ++t) {
    auto tray = std::make_unique<Tray>();
    tray->rows.reserve(static_cast<size_t>(grain));
    for (const Column& column : source.columns()) {
      tray->columns.emplace_back(static_cast<size_t>(std::max<int64_t>(1, grain * row_bytes(column))));
      tray->out.push_back(tray->columns.back().data());
    }
    trays_.push_back(std::move(tray));
  }
}

Trays::~Trays() = default;

int64_t Trays::bytes(const Source& source, int64_t grain, int count) {
  int64_t bytes = source.reader_bytes() + grain * 8;
  for (const Column& column : source.columns()) bytes += grain * row_bytes(column);
  return count * bytes;
}

Trays::Tray* Trays::find(const Source& source, std::span<const int64_t> rows, uint64_t pass) {
  for (const auto& tray : trays_)
    if (tray->state != Tray::State::Empty && tray->source == &source && tray->pass == pass &&
        std::equal(rows.begin(), rows.end(), tray->rows.begin(), tray->rows.end()))
      return tray.get();
  return nullptr;
}

// Every thread uses one tray at a time and there are as many as threads: one is free. A thread that has filled one
// before takes that again: the oldest of all may be what a slower lane still wants its targets from.
Trays::Tray& Trays::oldest() {
  const std::thread::id me = std::this_thread::get_id();
  Tray* oldest = nullptr;
  const auto rank = [&](const Tray& tray) { return std::pair(tray.filled_by != me, tray.used); };
  for (const auto& tray : trays_)
    if (tray->users == 0 && tray->state != Tray::State::BeingRead && (!oldest || rank(*tray) < rank(*oldest)))
      oldest = tray.get();
  if (!oldest) fail_run("data", "there must be a tray for each thread that reads. Got none free.");
  return *oldest;
}

void Trays::forget() {
  const std::lock_guard lock(mutex_);
  for (const auto& tray : trays_) tray->state = Tray::State::Empty;
}

StageFacts Trays::facts() const {
  const std::lock_guard lock(mutex_);
  return {"reading in the lanes", static_cast<int64_t>(trays_.size()) - 1, 0, false, samples_, seconds_, seconds_};
}

void Trays::fetch(const Source& source, int column, std::span<const int64_t> rows, uint64_t pass, void* out) {
  std::unique_lock lock(mutex_);
  Tray* tray = find(source, rows, pass);
  while (tray && tray->state == Tray::State::BeingRead) {
    changed_.wait(lock);
    tray = find(source, rows, pass);
  }
  if (!tray) {
    tray = &oldest();
    tray->source = &source;
    tray->rows.assign(rows.begin(), rows.end());
    tray->pass = pass;
    tray->filled_by = std::this_thread::get_id();
    tray->state = Tray::State::BeingRead;
    lock.unlock();
    // The rest of a short grain repeats its last sample: it is read once.
    size_t different = rows.size();
    while (different > 1 && rows[different - 1] == rows[different - 2]) --different;
    const auto start = std::chrono::steady_clock::now();
    try {
      source.read(rows.first(different), pass, tray->out);
    } catch (...) {
      lock.lock();
      tray->state = Tray::State::Empty;
      changed_.notify_all();
      throw;
    }
    for (size_t c = 0; c < tray->columns.size(); ++c) {
      const size_t bytes = static_cast<size_t>(row_bytes(source.columns()[c]));
      for (size_t r = different; r < rows.size(); ++r)
        std::memcpy(tray->columns[c].data() + r * bytes, tray->columns[c].data() + (different - 1) * bytes, bytes);
    }
    lock.lock();
    samples_ += static_cast<int64_t>(different);
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    tray->state = Tray::State::Ready;
    changed_.notify_all();
  }
  ++tray->users;
  tray->used = ++clock_;
  lock.unlock();
  const size_t bytes = rows.size() * static_cast<size_t>(row_bytes(source.columns()[static_cast<size_t>(column)]));
  std::memcpy(out, tray->columns[static_cast<size_t>(column)].data(), bytes);
  lock.lock();
  --tray->users;
}

}  // namespace batchwise
