// Going over the rows of batches of any size.
#pragma once

#include <atomic>
#include <memory>
#include <span>

#include <batchwise/stage.h>

namespace batchwise {

class UnbatchStream final : public Stream {
 public:
  // `rows_each`: what the stage says of its batches.
  explicit UnbatchStream(std::unique_ptr<Stream> before, int64_t rows_each = 0)
      : before_(std::move(before)), rows_each_(rows_each), even_(rows_each > 0) {}
  bool next(Element& element) override;
  int64_t skip(int64_t count) override;
  void expect(int64_t rows) override;
  // As skip, from the beginning, where all batches up to there are known to have as many rows as the stage says: whole
  // batches are passed over without being made.
  int64_t skip_even(int64_t count);
  // All batches so far had as many rows as the stage says. Any thread may ask.
  bool even() const { return even_; }

  // The batch at hand, and the rows [first, first + rows) of it that are left, at least one; empty at the end. Valid
  // until the next call of anything but skip(count <= rows), which takes rows from it.
  std::span<const Array> rest(int64_t& first, int64_t& rows);

 private:
  bool load();  // a batch with a row left

  std::unique_ptr<Stream> before_;
  const int64_t rows_each_;
  std::atomic<bool> even_;
  Element batch_;
  int64_t row_ = 0, rows_ = 0;
};

}  // namespace batchwise
