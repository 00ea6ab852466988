// Columns of several sources side by side.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <batchwise/stage.h>

namespace batchwise {

class JoinedColumns final : public Source {
 public:
  struct Part {
    std::shared_ptr<const Source> source;
    int column = 0;  // of the source
  };
  // Throws unless all sources have the same number of rows. REQUIRES: at least one part.
  JoinedColumns(std::vector<Part> parts, std::vector<std::string> names, std::string description);

  int64_t size() const override { return parts_[0].source->size(); }
  const std::vector<Column>& columns() const override { return columns_; }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    const Part& part = parts_[static_cast<size_t>(column)];
    part.source->fetch(part.column, rows, out);
  }
  std::string describe() const override { return description_; }
  int64_t resident_bytes() const override;

 private:
  std::vector<Part> parts_;
  std::vector<Column> columns_;
  std::string description_;
};

}  // namespace batchwise
