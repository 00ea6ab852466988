// Inspection of .csv files.
#include "cli/csv_inspection.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <vector>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>

#include "cli/printable.h"
#include "data/sources/csv_header.h"
#include "formats/csv/csv_fields.h"
#include "formats/csv/csv_records.h"

namespace batchwise {
namespace {

constexpr size_t kDifferent = 1000, kShown = 8, kLetters = 40;

struct CsvColumnFacts {
  std::string name;
  int64_t numbers = 0, texts = 0, missing = 0, not_finite = 0, first_text_line = 0;
  float least = INFINITY, most = -INFINITY;
  std::map<std::string, int64_t, std::less<>> different;  // texts, until there are too many
  bool many = false;

  void see(std::string_view field, int64_t line) {
    float value = 0;
    if (field.empty()) {
      ++missing;
    } else if (parse_number(field, &value)) {
      ++numbers;
      if (!std::isfinite(value)) ++not_finite;
      else least = std::min(least, value), most = std::max(most, value);
    } else {
      if (texts++ == 0) first_text_line = line;
      const std::string_view shown = field.substr(0, kLetters);
      if (const auto at = different.find(shown); at != different.end()) ++at->second;
      else if (different.size() < kDifferent) different.emplace(shown, 1);
      else many = true;
    }
  }

  std::string text() const {
    std::ostringstream out;
    if (numbers > 0) {
      out << numbers << " numbers";
      if (least <= most) out << ", " << least << " to " << most;
      if (not_finite > 0) out << ", " << not_finite << " not finite";
    }
    if (texts > 0) {
      out << (numbers > 0 ? "; " : "") << texts << " texts";
      if (numbers > 0) out << ", the first in line " << first_text_line;
      out << ", " << (many ? "more than " : "") << different.size() << " different:";
      std::vector<std::pair<int64_t, std::string>> all;
      for (const auto& [field, count] : different) all.emplace_back(-count, field);
      std::sort(all.begin(), all.end());
      for (size_t i = 0; i < std::min(all.size(), kShown); ++i)
        out << (i == 0 ? " " : ", ") << printable(all[i].second) << " (" << -all[i].first << ")";
      if (many || all.size() > kShown) out << ", ...";
    }
    if (missing > 0) out << (numbers + texts > 0 ? "; " : "") << missing << " missing";
    return out.str();
  }
};

}  // namespace

std::string inspect_csv(const std::string& path) {
  bool header = false;
  std::string says;
  try {
    header = csv_has_header(path, "");
    says = header ? "the first line names the columns" : "no line names the columns";
  } catch (const Error&) { says = "whether the first line names the columns or is a sample cannot be told"; }
  CsvRecords records(path);
  bool more = records.next();
  require(more, path, "the file must have at least one record. Got none.");
  std::vector<CsvColumnFacts> columns(records.fields().size());
  for (size_t i = 0; header && i < columns.size(); ++i) columns[i].name = records.fields()[i];
  if (header) more = records.next();
  int64_t count = 0;
  for (; more; more = records.next(), ++count) {
    require(records.fields().size() == columns.size(), path, "line ", records.line(), ": every record must have ",
            columns.size(), " fields. Got ", records.fields().size(), ".");
    for (size_t i = 0; i < columns.size(); ++i) columns[i].see(trimmed(records.fields()[i]), records.line());
  }
  std::ostringstream text;
  text << count << " records of " << columns.size() << (columns.size() == 1 ? " column" : " columns") << " in "
       << printable(path) << ", " << show_byte_size(InputFile(path).size()) << "; " << says << "\n";
  if (columns.size() == 1) text << "Fields are separated by commas.\n";
  for (size_t i = 0; i < columns.size(); ++i)
    text << "  " << i << (header ? " " : "") << printable(trimmed(columns[i].name)) << ": " << columns[i].text()
         << "\n";
  return text.str();
}

}  // namespace batchwise
