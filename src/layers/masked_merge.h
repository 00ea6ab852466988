// Merges that leave out the steps which a mask says do not count: products, maxima and minima.
#pragma once

#include <string_view>

#include <batchwise/layer.h>

namespace batchwise {

// As lower_merge. A product takes such a step of an input for 1, and is 0 where no input counts; a maximum or minimum
// takes the other input there. Sums, differences and means look at all steps, as in Keras.
Value lower_masked_merge(Lowering& lowering, std::span<const Value> inputs, std::string_view function);

}  // namespace batchwise
