// Elements that are held in memory, as a data set.
#pragma once

#include <vector>

#include <batchwise/dataset.h>

namespace batchwise {

Dataset held(std::vector<Element> elements, std::vector<Column> columns);

}  // namespace batchwise
