// UpSampling1D: each element of a line several times.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct UpSampling1DOptions {
  int64_t size = 2;
};

inline LayerRef UpSampling1D(const UpSampling1DOptions& options = {}) {
  return make_layer({"UpSampling1D", Config::object({{"size", options.size}})});
}

}  // namespace batchwise
