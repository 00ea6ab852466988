// Tables.
#include "report/html/table.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "report/html/markup.h"

namespace batchwise {
namespace {

constexpr size_t kMostRows = 200;
constexpr size_t kShort = 12;  // letters of a cell that is never broken: numbers, states

std::string cell_of(const Axis& axis, const Point& point) {
  std::string text = axis_text_whole(axis, point.y);
  if (std::isfinite(point.low) && std::isfinite(point.high))
    text += " (" + axis_text_whole(axis, point.low) + " to " + axis_text_whole(axis, point.high) + ")";
  return text;
}

// Where a column is narrow, a number and its interval are broken between the two, then between the bounds; a number
// keeps its unit.
std::string in_whole_brackets(const std::string& text) {
  if (text.find(" to ") == std::string::npos) return text;
  std::string whole;
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    const bool kept = text[i] == ' ' && depth > 0 && text.compare(i, 4, " to ") != 0;
    whole += kept ? "\u00a0" : std::string(1, text[i]);
  }
  return whole;
}

}  // namespace

std::string table_html(const Table& table) {
  std::string text = "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"" + escaped(table.caption) +
                     "\">\n<table" + std::string(table.words ? " class=\"words\"" : "") + ">\n<caption>" +
                     escaped(table.caption) + "</caption>\n";
  if (!table.head.empty()) {
    text += "<thead><tr>";
    for (const std::string& cell : table.head) text += "<th scope=\"col\">" + escaped(cell) + "</th>";
    text += "</tr></thead>\n";
  }
  text += "<tbody>\n";
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const bool chosen = std::find(table.chosen.begin(), table.chosen.end(), r) != table.chosen.end();
    text += chosen ? "<tr class=\"chosen\">" : "<tr>";
    for (size_t c = 0; c < table.rows[r].size(); ++c) {
      const std::string& cell = table.rows[r][c];
      const std::string brief = cell.size() <= kShort ? " class=\"short\"" : "";
      text += (c == 0 ? "<th scope=\"row\"" : "<td") + brief + ">" +
              (table.words ? escaped(cell) : in_whole_brackets(escaped(cell))) + (c == 0 ? "</th>" : "</td>");
    }
    text += "</tr>\n";
  }
  return text + "</tbody>\n</table>\n</div>\n";
}

Table chart_table(const Chart& chart) {
  Table table;
  table.head.push_back(chart.x.title);
  std::map<double, std::vector<std::string>> rows;
  for (size_t s = 0; s < chart.series.size(); ++s) {
    const std::string& name = chart.series[s].name;
    table.head.push_back(name.empty() ? chart.y.title : name);
    for (const Point& point : chart.series[s].points) {
      if (!std::isfinite(point.x)) continue;
      std::vector<std::string>& row = rows[point.x];
      row.resize(chart.series.size());
      row[s] += (row[s].empty() ? "" : "; ") + cell_of(chart.y, point);
    }
  }
  const size_t apart = std::max<size_t>(1, (rows.size() + kMostRows - 1) / kMostRows);
  table.caption = chart.y.title + " by " + chart.x.title;
  if (apart > 1) table.caption += ", every " + std::to_string(apart) + "th place";
  size_t index = 0;
  for (const auto& [x, cells] : rows) {
    if (index++ % apart != 0 && index != rows.size()) continue;
    std::vector<std::string> row{axis_text_whole(chart.x, x)};
    row.insert(row.end(), cells.begin(), cells.end());
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace batchwise
