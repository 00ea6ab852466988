// The shuffle of np.random.RandomState(seed), which decides Keras's order of files.
#pragma once

#include <cstdint>
#include <vector>

namespace batchwise {

// order[i]: the element that stands at position i after the shuffle of `count` elements.
std::vector<int64_t> numpy_shuffle(int64_t count, uint32_t seed);

}  // namespace batchwise
