// The records of a .csv file one after another, in constant memory: RFC 4180, with line numbers for messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/input_file.h"

namespace batchwise {

// Fields may be quoted, then hold commas, line ends and doubled quotes. LF and CRLF end records; a byte-order mark and
// empty lines are skipped. Throws Error(Input) naming the line for a quote that is out of place or never closed.
class CsvRecords {
 public:
  explicit CsvRecords(const std::string& path);
  bool next();  // false at the end
  const std::vector<std::string>& fields() const { return fields_; }
  int64_t line() const { return record_line_; }  // where the record starts, from 1

 private:
  int get();  // -1 at the end
  [[noreturn]] void refuse(std::string_view rule) const;

  InputFile file_;
  std::string buffer_;
  size_t at_ = 0;
  int64_t offset_ = 0;
  int64_t line_ = 1, record_line_ = 1;
  std::vector<std::string> fields_;
};

}  // namespace batchwise
