// Test support: inputs and weights to try a layer with, functions of a key.
#pragma once

#include <vector>

#include <batchwise/layer.h>

#include "base/random.h"

namespace batchwise {

// Values in [low, high), a pure function of `key`.
inline Array random_array(const Shape& shape, uint64_t key, float low = -1, float high = 1) {
  Array array(DType::Float32, shape);
  for (int64_t i = 0; i < array.count(); ++i)
    array.data<float>()[i] = low + (high - low) * unit_float(philox(key, 0, static_cast<uint64_t>(i))[0]);
  return array;
}

inline std::vector<float> values(const Array& array) {
  return {array.values<float>().begin(), array.values<float>().end()};
}

// Weights to try a layer with: scales and variances around 1, the rest around 0.
inline std::vector<Array> trial_weights(Layer& layer, const Shapes& shapes, uint64_t key = 3) {
  if (!layer.built()) layer.build(shapes);
  std::vector<Array> weights;
  for (const auto& variable : layer.weights()) {
    const bool positive = variable->spec.name == "gamma" || variable->spec.name.find("variance") != std::string::npos;
    weights.push_back(
        random_array(variable->spec.shape, mix(key, weights.size()), positive ? 0.5f : -0.6f, positive ? 1.5f : 0.6f));
  }
  return weights;
}

}  // namespace batchwise
