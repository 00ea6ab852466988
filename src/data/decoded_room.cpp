// Holding of decoded samples.
#include "data/decoded_room.h"

#include <malloc.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>
#include <new>

namespace batchwise {
namespace {

constexpr int32_t kMissing = -1, kBeingWritten = -2;

}  // namespace

DecodedRows::DecodedRows(int64_t rows, int64_t row_bytes, int64_t places)
    : rows_(rows), row_bytes_(row_bytes), places_(places) {}

int64_t DecodedRows::bytes(int64_t rows, int64_t row_bytes, int64_t places) {
  return places * row_bytes + rows * static_cast<int64_t>(sizeof(std::atomic<int32_t>));
}

void DecodedRows::open() {
  std::unique_ptr<std::byte[]> memory(new std::byte[static_cast<size_t>(places_ * row_bytes_)]);
  place_of_ = std::vector<std::atomic<int32_t>>(static_cast<size_t>(rows_));
  for (std::atomic<int32_t>& place : place_of_) place.store(kMissing, std::memory_order_relaxed);
  memory_ = std::move(memory);
}

void DecodedRows::close() {
  const std::lock_guard alone(in_use_);
  closed_ = true;
  memory_.reset();
  std::vector<std::atomic<int32_t>>().swap(place_of_);
}

void DecodedRows::fill(bool more) { fills_ = more; }

bool DecodedRows::read(int64_t row, void* out) const {
  const std::shared_lock with_others(in_use_);
  if (!memory_) return false;
  const int32_t place = place_of_[static_cast<size_t>(row)].load(std::memory_order_acquire);
  if (place < 0) return false;
  std::memcpy(out, memory_.get() + place * row_bytes_, static_cast<size_t>(row_bytes_));
  return true;
}

void DecodedRows::write(int64_t row, const void* data) {
  const std::shared_lock with_others(in_use_);
  if (!memory_ || !fills_ || taken_.load(std::memory_order_relaxed) >= places_) return;
  std::atomic<int32_t>& mine = place_of_[static_cast<size_t>(row)];
  int32_t missing = kMissing;
  if (!mine.compare_exchange_strong(missing, kBeingWritten, std::memory_order_acq_rel)) return;
  const int64_t place = taken_.fetch_add(1, std::memory_order_relaxed);
  if (place >= places_) return mine.store(kMissing, std::memory_order_relaxed);
  std::memcpy(memory_.get() + place * row_bytes_, data, static_cast<size_t>(row_bytes_));
  mine.store(static_cast<int32_t>(place), std::memory_order_release);
}

int64_t DecodedRows::rows_held() const { return std::min(taken_.load(std::memory_order_relaxed), places_); }

std::shared_ptr<DecodedRows> DecodedRoom::take(int64_t rows, int64_t row_bytes,
                                               const std::weak_ptr<DecodedRows>& held) {
  if (const auto there = held.lock()) return there;
  rows_ += rows;
  const int64_t room = (left_ - DecodedRows::bytes(rows, row_bytes, 0)) / std::max<int64_t>(1, row_bytes);
  int64_t places = std::min({rows, room, int64_t{std::numeric_limits<int32_t>::max()}});
  if (samples_ >= 0) places = std::min(places, samples_);
  if (places <= 0) return nullptr;
  left_ -= DecodedRows::bytes(rows, row_bytes, places);
  places_ += places;
  return parts_.emplace_back(std::make_shared<DecodedRows>(rows, row_bytes, places));
}

void DecodedRoom::open() {
  try {
    for (const auto& part : parts_) part->open();
  } catch (const std::bad_alloc&) {
    // What is not held is decoded again.
  }
  gives_way(bytes());
}

int64_t DecodedRoom::bytes() const {
  int64_t bytes = 0;
  for (const auto& part : parts_) bytes += part->bytes();
  return bytes;
}

void DecodedRoom::gives_way(int64_t bytes) {
  gives_way_.reset();
  if (bytes == 0) return;
  gives_way_ = std::make_unique<GivesWay>(bytes, [parts = parts_] {
    for (const auto& part : parts) part->close();
    malloc_trim(0);
  });
}

LentRoom::LentRoom(DecodedRoom& room) : room_(room) {
  int64_t held = 0;
  for (const auto& part : room_.parts_) {
    part->fill(false);
    if (part->bytes() > 0) held += part->rows_held() * part->row_bytes();
  }
  room_.gives_way(held);
}

LentRoom::~LentRoom() {
  for (const auto& part : room_.parts_) part->fill(true);
  room_.gives_way(room_.bytes());
}

}  // namespace batchwise
