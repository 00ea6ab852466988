// The names of metrics that stand for a class by the shapes of target and prediction.
#pragma once

#include <batchwise/config.h>

namespace batchwise {

// "accuracy", "crossentropy" and their short forms; with arguments "Accuracy" is the class of that name.
bool goes_by_shapes(const Spec& metric);

}  // namespace batchwise
