// What merges of several tensors share: shapes that repeat dimensions of 1, equal ranks and layouts, masks.
#pragma once

#include <string_view>
#include <vector>

#include <batchwise/layer.h>

namespace batchwise {

// Of all inputs together. Inputs of lower rank get dimensions of 1 behind the batch, as Keras does.
Shape merged_shape(std::string_view layer, const Shapes& inputs);

// The value as float32: whole numbers and truths are cast.
Value as_numbers(Lowering& lowering, Value value);

// The inputs with equal ranks and layouts: blocked where all have the same channels.
std::vector<Value> merge_operands(Lowering& lowering, std::span<const Value> inputs, bool blocks = true);

// The same of the inputs as numbers.
std::vector<Value> merge_numbers(Lowering& lowering, std::span<const Value> inputs, bool blocks = true);

// A step of the result counts where it counts in some input, if all inputs have masks; else all do.
void set_merged_mask(Lowering& lowering, std::span<const Value> inputs, Value result);

// The merge as a function of two tensors, taken again for each further one: "multiply", "maximum", ...
Value lower_merge(Lowering& lowering, std::span<const Value> inputs, std::string_view function);

}  // namespace batchwise
