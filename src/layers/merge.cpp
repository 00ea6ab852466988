// What merges of several tensors share.
#include "layers/merge.h"

#include <algorithm>

#include "kernels/binary.h"
#include "kernels/relation.h"
#include "kernels/view.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

Shape of_rank(const Shape& shape, int rank) {
  std::vector<int64_t> dims(static_cast<size_t>(rank - shape.rank()), 1);
  dims.insert(dims.end(), shape.begin(), shape.end());
  return Shape(dims);
}

int highest_rank(const Shapes& shapes) {
  int rank = 0;
  for (const Shape& shape : shapes) rank = std::max(rank, shape.rank());
  return rank;
}

}  // namespace

Shape merged_shape(std::string_view layer, const Shapes& inputs) {
  require_several_inputs(layer, inputs);
  Shape merged = inputs[0];
  for (const Shape& shape : inputs) merged = repeated_shape(layer, merged, shape);
  return merged;
}

Value as_numbers(Lowering& lowering, Value value) {
  const TensorType& type = lowering.type(value);
  if (type.dtype == DType::Float32) return value;
  return lowering.add1(make_cast_kernel(type, DType::Float32, lowering.grain()), {value});
}

std::vector<Value> merge_operands(Lowering& lowering, std::span<const Value> inputs, bool blocks) {
  Shapes shapes;
  int block = 0;
  for (const Value value : inputs) {
    shapes.push_back(lowering.type(value).shape);
    block = std::max(block, lowering.type(value).channel_block);
  }
  const int rank = highest_rank(shapes);
  for (const Shape& shape : shapes)
    if (!blocks || shape.rank() != rank || rank != 3 || shape.back() != shapes[0].back()) block = 0;
  std::vector<Value> operands;
  for (size_t i = 0; i < inputs.size(); ++i) {
    Value value = lowering.in_layout(inputs[i], block);
    if (shapes[i].rank() != rank)
      value =
          lowering.add1(make_view_kernel(lowering.type(value), of_rank(shapes[i], rank), lowering.grain()), {value});
    operands.push_back(value);
  }
  return operands;
}

std::vector<Value> merge_numbers(Lowering& lowering, std::span<const Value> inputs, bool blocks) {
  std::vector<Value> numbers;
  for (const Value input : inputs) numbers.push_back(as_numbers(lowering, input));
  return merge_operands(lowering, numbers, blocks);
}

void set_merged_mask(Lowering& lowering, std::span<const Value> inputs, Value result) {
  Value merged;
  for (const Value input : inputs) {
    const Value mask = lowering.mask(input);
    if (mask.index < 0) return lowering.set_mask(result, Value{});
    if (merged.index < 0) merged = mask;
    else if (merged.index != mask.index)
      merged = lowering.add1(
          make_relation_kernel("logical_or", {lowering.type(merged), {}}, {lowering.type(mask), {}}, lowering.grain()),
          {merged, mask});
  }
  lowering.set_mask(result, merged);
}

Value lower_merge(Lowering& lowering, std::span<const Value> inputs, std::string_view function) {
  const std::vector<Value> operands = merge_numbers(lowering, inputs, keeps_padding(function));
  Value merged = operands[0];
  for (size_t i = 1; i < operands.size(); ++i)
    merged = lowering.add1(
        make_binary_kernel(function, {lowering.type(merged), {}}, {lowering.type(operands[i]), {}}, lowering.grain()),
        {merged, operands[i]});
  set_merged_mask(lowering, inputs, merged);
  return merged;
}

}  // namespace batchwise
