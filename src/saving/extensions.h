// Arguments of layers that only batchwise has.
#pragma once

#include <string_view>

namespace batchwise {

// BatchNormalization over a declared number of samples.
constexpr std::string_view kExtensionKeys[] = {"ghost_batch_size"};

constexpr bool is_extension(std::string_view key) {
  for (std::string_view known : kExtensionKeys)
    if (known == key) return true;
  return false;
}

}  // namespace batchwise
