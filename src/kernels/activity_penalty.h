// Activity regularisation: a penalty on a layer's outputs, added to the loss.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <batchwise/config.h>
#include <batchwise/kernel.h>
#include <batchwise/layer.h>

namespace batchwise {

// Passes its inputs on. Adds l1 * sum |x| + l2 * sum x^2 over valid rows to added_loss; its gradient is scaled by
// sample_scale, as Keras divides by the batch size. regularizer: L1, L2 or L1L2; throws for others.
std::unique_ptr<Kernel> make_activity_penalty(const Spec& regularizer, std::vector<TensorType> types, int64_t grain);
void check_activity_regularizer(const Spec& regularizer, std::string_view where);

// Appends the penalty, which losses in inference have too; gives `value` back for an empty regularizer.
Value lower_activity_penalty(Lowering& lowering, Value value, const Spec& regularizer);
// The same for all outputs of a layer: one kernel, so that those that nothing reads have their gradients too.
std::vector<Value> lower_activity_penalty(Lowering& lowering, const std::vector<Value>& values,
                                          const Spec& regularizer);

}  // namespace batchwise
