// Drawing of tables with box characters.
#include "model/text_table.h"

#include <algorithm>

namespace batchwise {
namespace {

std::vector<std::string> wrapped(const std::string& text, size_t width) {
  std::vector<std::string> lines{""};
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    std::string word = text.substr(at, end - at);
    at = end + 1;
    std::string& line = lines.back();
    const size_t needed = line.empty() ? word.size() : line.size() + 1 + word.size();
    if (needed > width && !line.empty()) lines.emplace_back();
    if (word.size() > width) word = word.substr(0, width - 1) + "…";
    lines.back() += (lines.back().empty() ? "" : " ") + word;
  }
  return lines;
}

size_t shown_width(const std::string& text) {  // an ellipsis has three bytes
  return text.size() - (text.ends_with("…") ? 2 : 0);
}

std::string border(const std::vector<TableColumn>& columns, const char* left, const char* dash, const char* cross,
                   const char* right) {
  std::string line = left;
  for (size_t c = 0; c < columns.size(); ++c) {
    if (c > 0) line += cross;
    for (size_t i = 0; i < columns[c].width + 2; ++i) line += dash;
  }
  return line + right + "\n";
}

std::string row_lines(const std::vector<TableColumn>& columns, const std::vector<std::string>& cells, const char* bar) {
  std::vector<std::vector<std::string>> parts;
  size_t height = 1;
  for (size_t c = 0; c < columns.size(); ++c) {
    parts.push_back(wrapped(cells[c], columns[c].width));
    height = std::max(height, parts.back().size());
  }
  std::string text;
  for (size_t i = 0; i < height; ++i) {
    text += bar;
    for (size_t c = 0; c < columns.size(); ++c) {
      const std::string part = i < parts[c].size() ? parts[c][i] : "";
      const std::string space(columns[c].width - shown_width(part), ' ');
      text += " " + (columns[c].right ? space + part : part + space) + " " + bar;
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string draw_table(const std::vector<TableColumn>& columns, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::string> headers;
  for (const TableColumn& column : columns) headers.push_back(column.header);
  std::string text =
      border(columns, "┏", "━", "┳", "┓") + row_lines(columns, headers, "┃") + border(columns, "┡", "━", "╇", "┩");
  for (size_t r = 0; r < rows.size(); ++r) {
    if (r > 0) text += border(columns, "├", "─", "┼", "┤");
    text += row_lines(columns, rows[r], "│");
  }
  return text + border(columns, "└", "─", "┴", "┘");
}

}  // namespace batchwise
