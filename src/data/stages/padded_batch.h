// Padding elements of different lengths into one batch.
#pragma once

#include <string>
#include <vector>

#include <batchwise/stage.h>

namespace batchwise {

struct Padding {
  std::vector<Shape> shapes;   // per component, kUnknownDim: the longest of the batch; empty: all unknown
  std::vector<double> values;  // per component, one for all, or empty: 0
  // Throws unless there is one entry per component.
  void check(const std::vector<Column>& columns, const std::string& where) const;
  void check_count(size_t components, const std::string& where) const;  // of an element
  int64_t row_bytes(std::vector<Column> columns) const;  // of a padded element; lengths that are open count as one
  double value(size_t component) const { return values.empty() ? 0 : values[values.size() == 1 ? 0 : component]; }
};

Element padded(const std::vector<Element>& elements, const Padding& padding, const std::string& where);

}  // namespace batchwise
