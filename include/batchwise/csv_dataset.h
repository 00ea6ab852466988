// .csv files as data sets: columns by name, as numbers, text or dates.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <batchwise/dataset.h>

namespace batchwise {

struct CsvColumn {
  CsvColumn(std::string column, std::string column_kind = "", std::optional<std::string> stand_in = {})
      : name(std::move(column)), kind(std::move(column_kind)), missing(std::move(stand_in)) {}
  CsvColumn(const char* column) : CsvColumn(std::string(column)) {}

  std::string name;  // of the header, or the number of the column, counted from 0
  // What its fields are: "number" (float32), "integer" (int64), "text" (string), "date" (float64, days since
  // 1970-01-01: of 2024-02-29 or 2024-02-29 12:30:15, in UTC). "": numbers where all fields are, else text.
  std::string kind;
  std::optional<std::string> missing;  // what is read where a field is missing; none: that is an error
};

struct CsvOptions {
  // Each becomes an input of its own, of shape (). Empty: all columns but the targets are one input of shape (columns),
  // and must be numbers.
  std::vector<CsvColumn> inputs;
  // Of text: int32, its place among the different texts, which are sorted.
  std::vector<CsvColumn> targets;
  // Per target, names by label, as other data has them (its class_names), which number the texts here too: another text
  // is refused. Empty, or empty for a target: the texts of this file.
  std::vector<std::vector<std::string>> numbered_as;
  std::vector<std::string> na_values = {""};  // fields that say so are missing
  bool header = true;                         // the first record names the columns; false: their numbers do
};

// Numbers are parsed once into the cache and streamed from there; text is read when the
// file is opened and stays in memory.
class CsvDataset : public Dataset {
 public:
  CsvDataset() = default;
  CsvDataset(Dataset data, std::vector<std::vector<std::string>> classes)
      : Dataset(std::move(data)), class_names(std::move(classes)) {}
  std::vector<std::vector<std::string>> class_names;  // per target, by label; empty for numbers
};

// Throws Error(Input) naming line and column for a field that is not what its column holds.
CsvDataset csv_dataset(const std::string& path, const CsvOptions& options);

}  // namespace batchwise
