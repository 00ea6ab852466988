// A hash of an element's values: of texts their characters.
#pragma once

#include <cstdint>

#include <batchwise/stage.h>

namespace batchwise {

uint64_t element_hash(const Element& element, uint64_t seed);

}  // namespace batchwise
