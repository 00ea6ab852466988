// Memory for samples that were decoded from files: what a run's budget leaves, so that later passes only copy them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace batchwise {

// Places for some of a source's rows, taken by those that are decoded first; which these are changes no value. Until it
// is opened it holds nothing. Thread-safe, but for open().
class DecodedRows {
 public:
  DecodedRows(int64_t rows, int64_t row_bytes, int64_t places);
  static int64_t bytes(int64_t rows, int64_t row_bytes, int64_t places);

  void open();                              // takes the memory; throws std::bad_alloc
  bool read(int64_t row, void* out) const;  // false: it is not held
  void write(int64_t row, const void* data);
  int64_t rows_held() const;

 private:
  const int64_t rows_, row_bytes_, places_;
  std::atomic<int64_t> taken_{0};  // places; more than there are once they have run out
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
  void open();  // from here on what is decoded is held; without memory for it, nothing is
  int64_t bytes() const { return bytes_; }
  bool empty() const { return parts_.empty(); }
  int64_t places() const { return places_; }  // rows that go in
  int64_t rows() const { return rows_; }      // of all that asked

 private:
  int64_t left_ = 0, samples_ = 0, bytes_ = 0, places_ = 0, rows_ = 0;
  std::vector<std::shared_ptr<DecodedRows>> parts_;
};

}  // namespace batchwise
