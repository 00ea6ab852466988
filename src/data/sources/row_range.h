// Consecutive rows of another source.
#pragma once

#include "data/sources/picked_rows.h"

namespace batchwise {

class RowRange final : public PickedRows {
 public:
  RowRange(std::shared_ptr<const Source> source, int64_t first, int64_t count);  // throws unless inside the source
  int64_t first() const { return first_; }

  std::string identity() const override;
  void list_files(const FileSink& sink) const override { whole()->list_files(sink); }

 private:
  Picked pick(int64_t row, uint64_t pass) const override { return {row + first_, pass}; }
  int64_t first_;
};

}  // namespace batchwise
