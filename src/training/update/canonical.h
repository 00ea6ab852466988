// A weight, or what belongs to one, in Keras's order of elements: where it lies when it is kept so, else a copy.
#pragma once

#include "plan/placement.h"
#include "training/update/variable_store.h"

namespace batchwise {

class Canonical {
 public:
  // `memory` has bytes(variables, v) bytes and is moved past them. The values of `stored` are read.
  Canonical(const VariableStore& variables, size_t v, float* stored, std::byte*& memory)
      : variables_(variables), v_(v), stored_(stored), values_(stored) {
    if (!variables.layout(v)) return;
    values_ = reinterpret_cast<float*>(memory);
    memory += bytes(variables, v);
    variables.unpack(v, stored, values_);
  }
  static int64_t bytes(const VariableStore& variables, size_t v) {
    return variables.layout(v) ? aligned(variables.canonical_count(v) * 4) : 0;
  }
  float* values() const { return values_; }
  void store() const {  // brings changed values back
    if (values_ != stored_) variables_.pack(v_, values_, stored_);
  }

 private:
  const VariableStore& variables_;
  size_t v_;
  float *stored_, *values_;
};

}  // namespace batchwise
