// Samples in files, each column as rows of equal size one after another: read where they lie, never mapped or kept.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <batchwise/dataset.h>

#include "base/input_file.h"

namespace batchwise {

// A column and where its first row lies.
struct FileColumn {
  Column column;
  std::shared_ptr<const InputFile> file;
  int64_t offset = 0;  // bytes
  int64_t rows = 0;
};

class FileRows : public Source {
 public:
  // REQUIRES: the rows lie inside the files. Throws unless all columns have the same number of rows.
  FileRows(std::vector<FileColumn> columns, std::string description);

  int64_t size() const override { return size_; }
  const std::vector<Column>& columns() const override { return columns_; }
  // One read per run of consecutive rows. Throws Error(Run) when a file has shrunk or cannot be read.
  void fetch(int column, std::span<const int64_t> rows, void* out) const override;
  std::string describe() const override { return description_; }

 private:
  std::vector<FileColumn> files_;
  std::vector<Column> columns_;
  std::string description_;
  int64_t size_ = 0;
};

}  // namespace batchwise
