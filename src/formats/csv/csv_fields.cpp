// Parses fields of .csv files.
#include "formats/csv/csv_fields.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <string>

namespace batchwise {
namespace {

template <class T>
bool parse_all(std::string_view text, T* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

std::string_view without_plus(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

// Two digits at `at`, below `limit`.
bool two_digits(std::string_view text, size_t at, int limit, int* value) {
  if (text.size() < at + 2 || text[at] < '0' || text[at] > '9' || text[at + 1] < '0' || text[at + 1] > '9')
    return false;
  *value = (text[at] - '0') * 10 + (text[at + 1] - '0');
  return *value < limit;
}

// "12:30", "12:30:15" or "12:30:15.5" in seconds.
bool parse_time(std::string_view text, double* seconds) {
  int hours = 0, minutes = 0, whole = 0;
  if (!two_digits(text, 0, 24, &hours) || text.size() < 5 || text[2] != ':' || !two_digits(text, 3, 60, &minutes))
    return false;
  *seconds = hours * 3600 + minutes * 60;
  if (text.size() == 5) return true;
  if (text[5] != ':' || !two_digits(text, 6, 60, &whole)) return false;
  double fraction = 0;
  if (text.size() > 8) {
    if (text[8] != '.' || text.find_first_not_of("0123456789", 9) != text.npos) return false;
    if (!parse_all("0" + std::string(text.substr(8)), &fraction)) return false;
  }
  *seconds += whole + fraction;
  return true;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool parse_number(std::string_view field, float* value) {
  double number = 0;
  if (!parse_all(without_plus(trimmed(field)), &number)) return false;
  *value = static_cast<float>(number);
  return std::isfinite(*value) || !std::isfinite(number);
}

bool parse_integer(std::string_view field, int64_t* value) { return parse_all(without_plus(trimmed(field)), value); }

bool parse_date(std::string_view field, double* days) {
  std::string_view text = trimmed(field);
  int month = 0, day = 0, year = 0;
  if (text.size() < 10 || text[4] != '-' || text[7] != '-' || !parse_all(text.substr(0, 4), &year) || year < 1 ||
      !two_digits(text, 5, 13, &month) || !two_digits(text, 8, 32, &day))
    return false;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return false;
  *days = static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count());
  text.remove_prefix(10);
  if (text.empty()) return true;
  if (text.front() != 'T' && text.front() != ' ') return false;
  text.remove_prefix(1);
  if (text.ends_with('Z')) text.remove_suffix(1);
  double seconds = 0;
  if (!parse_time(text, &seconds)) return false;
  *days += seconds / 86400;
  return true;
}

}  // namespace batchwise
