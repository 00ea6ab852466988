// Functions of two numbers as runs over floats, by name, for the machine's instruction set.
#pragma once

#include <cstdint>
#include <string_view>

namespace batchwise {

// A run of numbers, or one number that stands for all of them (step 0).
struct BinaryOperand {
  const float* values = nullptr;
  int64_t step = 1;  // 0 or 1
  BinaryOperand from(int64_t i) const { return {values + i * step, step}; }
};

struct BinaryEntry {
  const char* name;
  // y may be the values of an operand.
  void (*forward)(BinaryOperand a, BinaryOperand b, float* y, int64_t count);
  // dy times the slope along a, along b; da, db may be dy.
  void (*backward_a)(const float* dy, BinaryOperand a, BinaryOperand b, float* da, int64_t count);
  void (*backward_b)(const float* dy, BinaryOperand a, BinaryOperand b, float* db, int64_t count);
  bool linear;        // the slopes need no operands
  bool zero_at_zero;  // f(0, 0) = 0: padding stays zero
};

// "add", "subtract", "multiply", "divide", "maximum", "minimum", "power", "arctan2", "mod", ...; null for others.
const BinaryEntry* find_binary_entry(std::string_view name);

float sum_elements(const float* values, int64_t count);

}  // namespace batchwise
