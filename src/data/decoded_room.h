// Memory for samples that were decoded from files: what a run's budget leaves, so that later passes only copy them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <vector>

#include "images/decoding_memory.h"

namespace batchwise {

// Places for some of a source's rows, taken by those that are decoded first; which these are changes no value. Until it
// is opened it holds nothing, nor after it was closed. Thread-safe, but for open().
class DecodedRows {
 public:
  DecodedRows(int64_t rows, int64_t row_bytes, int64_t places);
  static int64_t bytes(int64_t rows, int64_t row_bytes, int64_t places);

  void open();                              // takes the memory; throws std::bad_alloc
  bool read(int64_t row, void* out) const;  // false: it is not held
  void write(int64_t row, const void* data);
  void close();          // gives the memory back
  void fill(bool more);  // false: no more rows are written until it is true again
  int64_t rows_held() const;
  int64_t bytes() const { return closed_ ? 0 : bytes(rows_, row_bytes_, places_); }
  int64_t row_bytes() const { return row_bytes_; }

 private:
  const int64_t rows_, row_bytes_, places_;
  std::atomic<int64_t> taken_{0};  // places; more than there are once they have run out
  std::atomic<bool> fills_{true}, closed_{false};
  mutable std::shared_mutex in_use_;  // by who copies; alone by who closes it
  std::vector<std::atomic<int32_t>> place_of_;
  std::unique_ptr<std::byte[]> memory_;
};

// What those who decode share among them. They keep no more than a weak pointer: it lives as long as the room.
class DecodedRoom {
 public:
  DecodedRoom() = default;  // no room
  // `bytes` of memory; `samples`: that a pass has, where it is known, else a negative number.
  DecodedRoom(int64_t bytes, int64_t samples) : left_(bytes), samples_(samples) {}

  // Null when not a single row goes in. `held` is of another room: its rows are held already.
  std::shared_ptr<DecodedRows> take(int64_t rows, int64_t row_bytes, const std::weak_ptr<DecodedRows>& held);
  // From here on what is decoded is held; without memory for it, nothing is. An image that is too large to be decoded
  // beside it takes the memory of all.
  void open();
  int64_t bytes() const;
  bool empty() const { return parts_.empty(); }
  int64_t places() const { return places_; }  // rows that go in
  int64_t rows() const { return rows_; }      // of all that asked

 private:
  friend class LentRoom;
  void gives_way(int64_t bytes);

  int64_t left_ = 0, samples_ = 0, places_ = 0, rows_ = 0;
  std::vector<std::shared_ptr<DecodedRows>> parts_;
  std::unique_ptr<GivesWay> gives_way_;
};

// While it lives, no more is held than there is: somebody else plans with the memory of the places that are empty.
class LentRoom {
 public:
  explicit LentRoom(DecodedRoom& room);
  ~LentRoom();
  LentRoom(const LentRoom&) = delete;
  LentRoom& operator=(const LentRoom&) = delete;

 private:
  DecodedRoom& room_;
};

}  // namespace batchwise
