// What operations that multiply and add up share: factors that are tensors or constants, with a letter for each axis.
#pragma once

#include <string>
#include <vector>

#include "layers/operations/operation.h"

namespace batchwise {

// A tensor (its shape is that of one sample) or the same numbers for every sample.
struct Factor {
  Shape shape;
  int tensor = -1;              // place among the call's tensors
  std::vector<float> constant;  // of a constant
  bool is_constant() const { return tensor < 0; }
};

// A letter for each axis of each factor and of the result, the batch left out.
struct Letters {
  std::vector<std::string> factors;
  std::string result;
};

class ProductOperation : public Operation {
 public:
  using Operation::Operation;
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override;

 protected:
  // Throws where samples would be mixed.
  virtual Letters letters(const std::vector<Factor>& factors) const = 0;
  virtual std::vector<Factor> factors(const Shapes& inputs, const CallForm& form) const;  // two: x1 and x2
  [[noreturn]] void refuse(const std::vector<Factor>& factors) const;
};

}  // namespace batchwise
