// .csv files of numbers as data sets.
#include "data/sources/csv.h"

#include <algorithm>
#include <charconv>

#include <batchwise/registry.h>

#include "data/cache_folder.h"
#include "data/sources/csv_header.h"
#include "data/sources/npy.h"
#include "formats/csv/csv_fields.h"
#include "formats/csv/csv_records.h"
#include "formats/npy/npy.h"

namespace batchwise {
namespace {

// What the first record says.
struct Layout {
  bool header = false;
  std::vector<std::string> names;  // empty without a header
  int64_t columns = 0;
  int64_t target = -1;  // none

  std::string name(size_t column) const {
    return names.empty() ? "column " + std::to_string(column) : '"' + names[column] + '"';
  }
};

int64_t target_column(const Layout& layout, const std::string& path, const std::string& target) {
  for (size_t i = 0; i < layout.names.size(); ++i)
    if (trimmed(layout.names[i]) == trimmed(target)) return static_cast<int64_t>(i);
  int64_t index = -1;
  const auto [end, error] = std::from_chars(target.data(), target.data() + target.size(), index);
  if (error == std::errc() && end == target.data() + target.size() && index >= 0 && index < layout.columns)
    return index;
  const std::string near = nearest_name(target, layout.names);
  fail(path, "the target must be a name of the header or the number of a column, 0 to ", layout.columns - 1, ". Got \"",
       target, "\".", near.empty() ? "" : " Did you mean \"" + near + "\"?");
}

Layout layout_of(CsvRecords& records, const std::string& path, const std::string& target) {
  require(records.next(), path, "the file must have at least one record. Got none.");
  Layout layout;
  layout.columns = static_cast<int64_t>(records.fields().size());
  layout.header = csv_has_header(path, target);
  if (layout.header) layout.names = records.fields();
  for (size_t i = 0; i < layout.names.size(); ++i)
    require(layout.names[i].empty() || std::count(layout.names.begin(), layout.names.end(), layout.names[i]) == 1, path,
            "the names of the header must differ. Got \"", layout.names[i], "\" twice.");
  require(target.empty() || layout.columns > 1, path, "besides the target there must be at least one column. Got ",
          layout.columns, " in all. Fields are separated by commas.");
  if (!target.empty()) layout.target = target_column(layout, path, target);
  return layout;
}

void parse(const std::string& path, const std::string& target, const std::vector<std::string>& outputs) {
  CsvRecords records(path);
  const Layout layout = layout_of(records, path, target);
  const bool has_target = layout.target >= 0;
  NpyWriter x(outputs[0], DType::Float32, {layout.columns - (has_target ? 1 : 0)});
  std::unique_ptr<NpyWriter> y =
      has_target ? std::make_unique<NpyWriter>(outputs[1], DType::Float32, Shape{}) : nullptr;
  // Rows are handed over some at a time: one write per row would cost more than parsing it.
  std::vector<float> row(static_cast<size_t>(layout.columns)), rows, labels;
  const auto flush = [&] {
    x.append(rows.data(), static_cast<int64_t>(labels.size()));
    if (y) y->append(labels.data(), static_cast<int64_t>(labels.size()));
    rows.clear();
    labels.clear();
  };
  for (bool more = layout.header ? records.next() : true; more; more = records.next()) {
    const std::vector<std::string>& fields = records.fields();
    require(static_cast<int64_t>(fields.size()) == layout.columns, path, "line ", records.line(),
            ": every record must have ", layout.columns, " fields. Got ", fields.size(), ".");
    size_t filled = 0;
    float label = 0;
    for (size_t i = 0; i < fields.size(); ++i) {
      float value = 0;
      require(parse_number(fields[i], &value), path, "line ", records.line(), ", ", layout.name(i),
              ": a field must be a number. Got \"", fields[i].substr(0, 60), "\".",
              layout.columns == 1 ? " Fields are separated by commas." : "");
      if (static_cast<int64_t>(i) == layout.target) label = value;
      else row[filled++] = value;
    }
    rows.insert(rows.end(), row.begin(), row.begin() + static_cast<int64_t>(filled));
    labels.push_back(label);
    if (rows.size() >= 16384) flush();
  }
  flush();
  require(x.rows() > 0, path, "the file must have at least one record below its header. Got none.");
  x.commit();
  if (y) y->commit();
}

}  // namespace

bool csv_column_is_text(const std::string& path, const std::string& column) {
  constexpr int kLookedAt = 1000;
  CsvRecords records(path);
  const Layout layout = layout_of(records, path, column);
  const auto at = static_cast<size_t>(layout.target);
  int texts = 0, numbers = 0;
  for (bool more = layout.header ? records.next() : true; more && texts + numbers < kLookedAt; more = records.next()) {
    if (at >= records.fields().size()) break;  // who reads it names the line
    const std::string& field = records.fields()[at];
    float ignored;
    if (!trimmed(field).empty()) ++(parse_number(field, &ignored) ? numbers : texts);
  }
  return texts > 0 && texts >= numbers;
}

bool csv_column_starts_with(const std::string& path, const std::string& column, const std::vector<std::string>& words) {
  if (words.empty()) return false;
  CsvRecords records(path);
  const Layout layout = layout_of(records, path, column);
  const auto at = static_cast<size_t>(layout.target);
  return (!layout.header || records.next()) && at < records.fields().size() &&
         std::find(words.begin(), words.end(), trimmed(records.fields()[at])) != words.end();
}

std::string csv_column_besides(const std::string& path, const std::string& other) {
  CsvRecords records(path);
  const Layout layout = layout_of(records, path, other);
  if (layout.columns != (layout.target < 0 ? 1 : 2)) return "";
  const size_t place = layout.target == 0 ? 1 : 0;
  return layout.header ? std::string(trimmed(layout.names[place])) : std::to_string(place);
}

Dataset open_csv_data(const std::string& path, const std::string& target) {
  std::vector<std::string> purposes = {"csv x without " + target};
  if (!target.empty()) purposes.push_back("csv y " + target);
  const auto paths =
      cached(path, purposes, [&](const std::vector<std::string>& outputs) { parse(path, target, outputs); });
  std::vector<FileColumn> columns;
  for (const std::string& file : paths) columns.push_back(npy_column(file, ""));
  return Dataset(std::make_shared<FileRows>(std::move(columns), path), 1, target.empty() ? 0 : 1);
}

}  // namespace batchwise
