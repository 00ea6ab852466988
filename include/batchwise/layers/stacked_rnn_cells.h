// StackedRNNCells: recurrent cells on top of one another.
#pragma once

#include <vector>

#include <batchwise/wrapped_layer.h>

namespace batchwise {

// Cells of the same arguments as those given, which themselves stay as they are.
inline LayerRef StackedRNNCells(const std::vector<LayerRef>& cells) {
  Config::List stated;
  for (const LayerRef& cell : cells) stated.push_back(arguments_of(cell));
  return make_layer({"StackedRNNCells", Config::object({{"cells", stated}})});
}

}  // namespace batchwise
