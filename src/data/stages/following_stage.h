// A stage that follows another one: what it does not say of itself is as the stage before says.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <batchwise/error.h>
#include <batchwise/stage.h>

namespace batchwise {

class FollowingStage : public Stage {
 public:
  explicit FollowingStage(std::shared_ptr<const Stage> before) : before_(std::move(before)) {
    require(before_ != nullptr, "data", "a stage needs data before it. Got an empty data set.");
  }
  std::vector<Column> columns() const override { return before_->columns(); }
  int64_t cardinality() const override { return before_->cardinality(); }
  std::string describe() const override { return before_->describe(); }
  int64_t resident_bytes() const override { return before_->resident_bytes(); }
  bool ordered() const override { return before_->ordered(); }
  std::string files() const override { return before_->files(); }
  void list_files(const FileSink& sink) const override { before_->list_files(sink); }
  void hold_decoded(DecodedRoom& room) const override { before_->hold_decoded(room); }
  void report(std::vector<StageFacts>& facts) const override { before_->report(facts); }

 protected:
  const Stage& before() const { return *before_; }
  const std::shared_ptr<const Stage>& before_pointer() const { return before_; }

 private:
  std::shared_ptr<const Stage> before_;
};

// Columns that are found by making a first element: once, however often they are asked for.
class FoundColumns {
 public:
  template <class Find>
  const std::vector<Column>& operator()(const Find& find) const {
    std::call_once(looked_, [&] { columns_ = find(); });
    return columns_;
  }

 private:
  mutable std::once_flag looked_;
  mutable std::vector<Column> columns_;
};

// Columns and bytes of what flows, where they are known.
inline std::vector<Column> columns_of(const Element& element) {
  std::vector<Column> columns;
  for (const Array& array : element) columns.push_back({"", array.shape(), array.dtype()});
  return columns;
}

inline bool compatible(const Shape& a, const Shape& b) {
  if (a.rank() != b.rank()) return false;
  for (int i = 0; i < a.rank(); ++i)
    if (a[i] != b[i] && a[i] >= 0 && b[i] >= 0) return false;
  return true;
}

// Bytes of one element, dimensions that are not known counted as one.
inline int64_t element_bytes(const std::vector<Column>& columns) {
  int64_t bytes = 0;
  for (const Column& column : columns) {
    int64_t count = 1;
    for (int64_t dim : column.shape) count *= std::max<int64_t>(dim, 1);
    bytes += count * size_of(column.dtype);
  }
  return bytes;
}

}  // namespace batchwise
