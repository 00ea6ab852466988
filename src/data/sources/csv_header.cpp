// Tells headers of .csv files from samples.
#include "data/sources/csv_header.h"

#include <algorithm>
#include <charconv>

#include <batchwise/error.h>

#include "formats/csv/csv_fields.h"
#include "formats/csv/csv_records.h"

namespace batchwise {
namespace {

constexpr int kLookedAt = 1000;  // records

bool is_number(const std::string& field) {
  float ignored;
  return parse_number(field, &ignored);
}

// The column that `target` counts to; as many as there are columns: it is a name, or none.
size_t place_of(const std::string& target, const std::vector<std::string>& names) {
  const size_t none = names.size();
  for (const std::string& name : names)
    if (trimmed(name) == trimmed(target)) return none;
  size_t place = 0;
  const auto [end, error] = std::from_chars(target.data(), target.data() + target.size(), place);
  return error == std::errc() && end == target.data() + target.size() && place < none ? place : none;
}

}  // namespace

bool csv_has_header(const std::string& path, const std::string& target) {
  CsvRecords records(path);
  if (!records.next()) return false;  // who reads it says that it is empty
  const std::vector<std::string> first = records.fields();
  const auto numbers = static_cast<size_t>(std::count_if(first.begin(), first.end(), is_number));
  const auto empty = static_cast<size_t>(
      std::count_if(first.begin(), first.end(), [](const std::string& field) { return trimmed(field).empty(); }));
  if (numbers + empty == first.size()) return trimmed(first.front()).empty();
  const size_t place = place_of(target, first);
  const bool by_name = place == first.size() && !target.empty();
  const bool text_target = place < first.size() && !is_number(first[place]);
  if (by_name || (numbers == 0 && !text_target)) return true;
  // A name stands over numbers, a text among texts.
  std::vector<int> more_numbers(first.size(), 0);
  int seen = 0;
  for (; seen < kLookedAt && records.next(); ++seen) {
    const std::vector<std::string>& fields = records.fields();
    if (fields.size() != first.size()) return true;  // who reads it names the line
    if (text_target && trimmed(fields[place]) == trimmed(first[place])) return false;
    for (size_t i = 0; i < first.size(); ++i)
      if (!is_number(first[i]) && !trimmed(fields[i]).empty()) more_numbers[i] += is_number(fields[i]) ? 1 : -1;
  }
  const bool over_numbers = std::any_of(more_numbers.begin(), more_numbers.end(), [](int more) { return more > 0; });
  require(
      over_numbers || numbers == 0 || seen == 0, path,
      "it must be plain whether the first line names the columns: it has numbers and text, as the lines below have. "
      "Give a header's column by its name, or write a header above samples. Got \"",
      first.front().substr(0, 60), "\" first in it.");
  return true;
}

bool csv_header_names(const std::string& path, const std::vector<std::string>& names) {
  CsvRecords records(path);
  if (!records.next()) return false;
  const std::vector<std::string>& first = records.fields();
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::any_of(first.begin(), first.end(), [&](const auto& field) { return trimmed(field) == name; });
  });
}

}  // namespace batchwise
