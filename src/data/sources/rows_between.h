// All rows of another source but every n-th.
#pragma once

#include "data/sources/picked_rows.h"

namespace batchwise {

class RowsBetween final : public PickedRows {
 public:
  RowsBetween(std::shared_ptr<const Source> source, int64_t every)  // without rows 0, every, 2 every...
      : PickedRows(source, source->size() - (source->size() + every - 1) / every), kept_(every - 1) {
    require(every >= 2, source->describe(), "rows must be left between those taken out. Got every ", every, ".");
  }

 private:
  Picked pick(int64_t row, uint64_t pass) const override { return {row + row / kept_ + 1, pass}; }
  int64_t kept_;  // between two rows that are left out
};

}  // namespace batchwise
