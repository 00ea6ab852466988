// Normalization: (x - mean) / deviation, with statistics that are given or learned. See adapt.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct NormalizationOptions {
  Config axis = -1;  // axes that keep their own statistics: a number, a list, or null
  Config mean = {};  // a number or a list, together with variance; else learned by adapt
  Config variance = {};
  bool invert = false;
};

inline LayerRef Normalization(const NormalizationOptions& options = {}) {
  return make_layer({"Normalization", Config::object({{"axis", options.axis},
                                                      {"mean", options.mean},
                                                      {"variance", options.variance},
                                                      {"invert", options.invert}})});
}

}  // namespace batchwise
