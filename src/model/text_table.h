// A table drawn with box characters, in the style of Keras's summary.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace batchwise {

struct TableColumn {
  std::string header;
  size_t width = 0;    // of the text, without the space at each side
  bool right = false;  // aligned
};

// Cells break at spaces; a word wider than its column ends with an ellipsis. Cells are ASCII.
std::string draw_table(const std::vector<TableColumn>& columns, const std::vector<std::vector<std::string>>& rows);

}  // namespace batchwise
