// Going over the rows of batches of any size.
#pragma once

#include <memory>
#include <span>

#include <batchwise/stage.h>

namespace batchwise {

class UnbatchStream final : public Stream {
 public:
  explicit UnbatchStream(std::unique_ptr<Stream> before) : before_(std::move(before)) {}
  bool next(Element& element) override;
  int64_t skip(int64_t count) override;

  // The batch at hand, and the rows [first, first + rows) of it that are left, at least one; empty at the end. Valid
  // until the next call of anything but skip(count <= rows), which takes rows from it.
  std::span<const Array> rest(int64_t& first, int64_t& rows);

 private:
  bool load();  // a batch with a row left

  std::unique_ptr<Stream> before_;
  Element batch_;
  int64_t row_ = 0, rows_ = 0;
};

}  // namespace batchwise
