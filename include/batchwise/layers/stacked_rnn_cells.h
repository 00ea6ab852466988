// StackedRNNCells: recurrent cells on top of one another.
#pragma once

#include <vector>

#include <batchwise/model.h>

namespace batchwise {

// Cells of the same arguments as those given, which themselves stay as they are.
inline LayerRef StackedRNNCells(const std::vector<LayerRef>& cells) {
  Config::List stated;
  for (const LayerRef& cell : cells)
    stated.push_back(config_of(Spec(std::string(cell.layer()->class_name()), cell.layer()->config())));
  return make_layer({"StackedRNNCells", Config::object({{"cells", stated}})});
}

}  // namespace batchwise
