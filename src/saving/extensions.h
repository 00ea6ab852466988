// What only batchwise keeps of a layer: Keras does not know it, or does not keep to it.
#pragma once

#include <string_view>

namespace batchwise {

// BatchNormalization over a declared number of samples.
constexpr std::string_view kExtensionKeys[] = {"ghost_batch_size"};

// How each call of the layer behaves, [true, null]: Keras writes it into calls, and its fit and predict override it.
constexpr std::string_view kTrainingOfCalls = "call_training";

constexpr bool is_extension(std::string_view key) {
  for (std::string_view known : kExtensionKeys)
    if (known == key) return true;
  return false;
}

}  // namespace batchwise
