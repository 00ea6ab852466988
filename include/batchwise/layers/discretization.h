// Discretization: numbers to bins, which are given or learned as quantiles. See adapt.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct DiscretizationOptions {
  Config bin_boundaries = {};       // a list that rises; or
  std::optional<int64_t> num_bins;  // learned by adapt
  double epsilon = 0.01;            // of the quantiles
  std::string output_mode = "int";  // or "one_hot", "multi_hot", "count"
};

inline LayerRef Discretization(const DiscretizationOptions& options = {}) {
  return make_layer(
      {"Discretization", Config::object({{"bin_boundaries", options.bin_boundaries},
                                         {"num_bins", options.num_bins ? Config(*options.num_bins) : Config()},
                                         {"epsilon", options.epsilon},
                                         {"output_mode", options.output_mode}})});
}

}  // namespace batchwise
