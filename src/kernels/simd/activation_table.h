// Elementwise activations as runs over floats, by name, for the machine's instruction set.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace batchwise {

// What a, b, c mean is each function's own (see activation_functions-inl.h).
struct ActivationParameters {
  float a = 0, b = 0, c = 0;
};

struct ActivationEntry {
  const char* name;
  void (*forward)(const ActivationParameters& p, const float* x, float* y, int64_t count);  // y may be x
  // point: x, or f(x) when from_output; dx may be dy.
  void (*backward)(const ActivationParameters& p, const float* dy, const float* point, float* dx, int64_t count);
  bool from_output;
};

// An entry with its arguments; without an entry: linear.
struct ActivationFunction {
  const ActivationEntry* entry = nullptr;
  ActivationParameters parameters;
};

std::span<const ActivationEntry> activation_entries();
const ActivationEntry* find_activation_entry(std::string_view name);  // null when there is none

}  // namespace batchwise
