// Merges that leave out the steps which a mask says do not count.
#include "layers/masked_merge.h"

#include <algorithm>

#include "kernels/relation.h"
#include "kernels/view.h"
#include "layers/merge.h"

namespace batchwise {
namespace {

// One input as a merge sees it.
struct Term {
  Value value, mask;  // mask: with an axis of 1 for the features; index -1: all counts
};

Value beside(Lowering& lowering, Value mask, int rank) {
  const TensorType type = lowering.type(mask);
  std::vector<int64_t> dims(type.shape.begin(), type.shape.end());
  require(static_cast<int>(dims.size()) + 1 == rank, "merge",
          "the mask of an input must have all its axes but the last. Got one of shape ", type.shape, ".");
  dims.push_back(1);
  return lowering.add1(make_view_kernel(type, Shape(std::span<const int64_t>(dims)), lowering.grain()), {mask});
}

Value where(Lowering& lowering, Value mask, Value yes, Value no) {
  return lowering.add1(
      make_where_kernel(lowering.type(mask), {lowering.type(yes), {}}, {lowering.type(no), {}}, lowering.grain()),
      {mask, yes, no});
}

Value where(Lowering& lowering, Value mask, Value yes, float no) {
  return lowering.add1(make_where_kernel(lowering.type(mask), {lowering.type(yes), {}}, {{}, {no}}, lowering.grain()),
                       {mask, yes});
}

Value either(Lowering& lowering, Value a, Value b) {
  return lowering.add1(
      make_relation_kernel("logical_or", {lowering.type(a), {}}, {lowering.type(b), {}}, lowering.grain()), {a, b});
}

Value merge(Lowering& lowering, std::string_view function, Value a, Value b) {
  return lowering.add1(make_binary_kernel(function, {lowering.type(a), {}}, {lowering.type(b), {}}, lowering.grain()),
                       {a, b});
}

Value product(Lowering& lowering, const std::vector<Term>& terms) {
  Value result, counts;
  bool all = true;
  for (const Term& term : terms) {
    const bool masked = term.mask.index >= 0;
    const Value x = masked ? where(lowering, term.mask, term.value, 1.0f) : term.value;
    result = result.index < 0 ? x : merge(lowering, "multiply", result, x);
    all = all && masked;
    if (all) counts = counts.index < 0 ? term.mask : either(lowering, counts, term.mask);
  }
  return all ? where(lowering, counts, result, 0.0f) : result;
}

Value extreme(Lowering& lowering, std::string_view function, const std::vector<Term>& terms) {
  Value result = terms[0].value, counts = terms[0].mask;
  for (size_t i = 1; i < terms.size(); ++i) {
    Value x = terms[i].value;
    const bool masked = terms[i].mask.index >= 0, was_masked = counts.index >= 0;
    if (masked) x = where(lowering, terms[i].mask, x, result);
    if (was_masked) result = where(lowering, counts, result, x);
    counts = masked && was_masked ? either(lowering, counts, terms[i].mask) : Value{};
    result = merge(lowering, function, result, x);
  }
  return result;
}

}  // namespace

Value lower_masked_merge(Lowering& lowering, std::span<const Value> inputs, std::string_view function) {
  if (std::none_of(inputs.begin(), inputs.end(), [&](Value input) { return lowering.mask(input).index >= 0; }))
    return lower_merge(lowering, inputs, function);
  const std::vector<Value> operands = merge_numbers(lowering, inputs, false);
  std::vector<Term> terms;
  for (size_t i = 0; i < inputs.size(); ++i) {
    Value mask = lowering.mask(inputs[i]);
    if (mask.index >= 0) mask = beside(lowering, mask, lowering.type(operands[i]).shape.rank());
    terms.push_back({operands[i], mask});
  }
  const Value result = function == "multiply" ? product(lowering, terms) : extreme(lowering, function, terms);
  set_merged_mask(lowering, inputs, result);
  return result;
}

}  // namespace batchwise
