// Tables: rows of text, and the numbers behind a picture.
#pragma once

#include <string>
#include <vector>

#include "report/html/chart.h"

namespace batchwise {

struct Table {
  std::string caption;
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
  std::vector<size_t> chosen = {};  // rows that stand out
  bool words = false;               // cells are sentences rather than numbers
};

std::string table_html(const Table& table);

// What the picture shows, by x; of very many places only some.
Table chart_table(const Chart& chart);

}  // namespace batchwise
