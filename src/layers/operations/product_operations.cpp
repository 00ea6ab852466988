// Products as operations: factors are multiplied from the left on, each letter being summed as soon as nobody needs it.
#include "layers/operations/product_operations.h"

#include <algorithm>

#include "kernels/contraction.h"

namespace batchwise {
namespace {

bool has(const std::string& letters, char letter) { return letters.find(letter) != std::string::npos; }

// Of the letters of a product those that the result or a later factor has, the first factor's first.
std::string kept(const std::string& a, const std::string& b, const std::string& later) {
  std::string all;
  for (const char letter : a + b)
    if (has(later, letter) && !has(all, letter)) all.push_back(letter);
  return all;
}

// The order of multiplication: a tensor first, for products are made of one and what it meets.
std::vector<size_t> order_of(const std::vector<Factor>& factors) {
  std::vector<size_t> order;
  for (size_t i = 0; i < factors.size(); ++i) order.push_back(i);
  const auto first = std::find_if(factors.begin(), factors.end(), [](const Factor& f) { return !f.is_constant(); });
  std::swap(order[0], order[static_cast<size_t>(first - factors.begin())]);
  return order;
}

// Equations of one product after the other.
std::vector<Equation> equations(const Letters& letters, const std::vector<size_t>& order) {
  std::vector<Equation> all;
  std::string so_far = letters.factors[order[0]];
  if (order.size() == 1) all.push_back({so_far, "", letters.result});
  for (size_t i = 1; i < order.size(); ++i) {
    std::string later = letters.result;
    for (size_t j = i + 1; j < order.size(); ++j) later += letters.factors[order[j]];
    const std::string& other = letters.factors[order[i]];
    const std::string result = i + 1 == order.size() ? letters.result : kept(so_far, other, later);
    all.push_back({so_far, other, result});
    so_far = result;
  }
  return all;
}

}  // namespace

std::vector<Factor> ProductOperation::factors(const Shapes& inputs, const CallForm& form) const {
  std::vector<Factor> all;
  for (const Operand& operand : operands(form, inputs.size(), {"x1", "x2"})) {
    require(operand.given(), key(), "the operation takes two tensors, or a tensor and a constant. Got ", inputs.size(),
            " tensors.");
    if (operand.tensor >= 0) {
      all.push_back({inputs[static_cast<size_t>(operand.tensor)], operand.tensor, {}});
      continue;
    }
    ElementwiseOperand constant = constant_operand(key(), operand.constant, Shape::kMaxRank);
    all.push_back({constant.type.shape, -1, std::move(constant.constant)});
  }
  return all;
}

void ProductOperation::refuse(const std::vector<Factor>& factors) const {
  std::string shapes;
  for (const Factor& factor : factors)
    shapes +=
        (shapes.empty() ? "" : " and ") + (factor.is_constant() ? "a constant " : std::string()) + factor.shape.text();
  fail(key(), "the product must keep samples apart, and the batch first. Got ", shapes, ".");
}

Shapes ProductOperation::call_shapes(const Shapes& inputs, const CallForm& form) const {
  const std::vector<Factor> all = factors(inputs, form);
  const std::vector<size_t> order = order_of(all);
  Shape shape = all[order[0]].shape;
  size_t next = 1;
  for (const Equation& equation : equations(letters(all), order)) {
    shape = contraction_shape(key(), equation, shape, next < order.size() ? all[order[next]].shape : Shape());
    ++next;
  }
  return {shape};
}

std::vector<Value> ProductOperation::lower(Lowering& lowering, std::span<const Value> inputs) const {
  std::vector<Value> plain;
  Shapes shapes;
  for (const Value input : inputs) {
    plain.push_back(as_floats(lowering, input));
    shapes.push_back(lowering.type(plain.back()).shape);
  }
  const std::vector<Factor> all = factors(shapes, lowering.call_form());
  const std::vector<size_t> order = order_of(all);
  Value value = plain[static_cast<size_t>(all[order[0]].tensor)];
  size_t next = 1;
  for (const Equation& equation : equations(letters(all), order)) {
    ContractionOptions options{
        .equation = equation, .a = lowering.type(value), .bfloat16 = lowering.bfloat16(), .grain = lowering.grain()};
    std::vector<Value> operands{value};
    if (next == order.size()) {
      options.constant = {1.0f};  // of one factor: its sums alone
    } else {
      const Factor& factor = all[order[next]];
      options.b = factor.shape;
      if (factor.is_constant()) options.constant = factor.constant;
      else operands.push_back(plain[static_cast<size_t>(factor.tensor)]);
    }
    value = lowering.add1(make_contraction_kernel(options), operands);
    ++next;
  }
  return {value};
}

}  // namespace batchwise
