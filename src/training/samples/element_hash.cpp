// A hash of an element's values.
#include "training/samples/element_hash.h"

#include <xxhash.h>

namespace batchwise {

uint64_t element_hash(const Element& element, uint64_t seed) {
  XXH64_hash_t hash = seed;
  for (const Array& array : element) {
    if (array.dtype() == DType::String)
      for (const std::string_view text : array.values<std::string_view>())
        hash = XXH3_64bits_withSeed(text.data(), text.size(), hash + text.size());
    else hash = XXH3_64bits_withSeed(array.raw(), static_cast<size_t>(array.bytes()), hash);
  }
  return hash;
}

}  // namespace batchwise
