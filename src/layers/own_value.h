// A tensor as a value of its own: masks belong to values, and one tensor may stand in a call twice, with two masks.
#pragma once

#include <batchwise/layer.h>

namespace batchwise {

Value own_value(Lowering& lowering, Value value);

}  // namespace batchwise
