// Hashing: text or whole numbers to bins, without a vocabulary.
#pragma once

#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct HashingOptions {
  int64_t num_bins = 1;
  Config mask_value = {};           // text or number that gets bin 0
  Config salt = {};                 // a number or two: SipHash with this key instead of FarmHash
  std::string output_mode = "int";  // or "one_hot", "multi_hot", "count"
};

inline LayerRef Hashing(const HashingOptions& options = {}) {
  return make_layer({"Hashing", Config::object({{"num_bins", options.num_bins},
                                                {"mask_value", options.mask_value},
                                                {"salt", options.salt},
                                                {"output_mode", options.output_mode}})});
}

}  // namespace batchwise
