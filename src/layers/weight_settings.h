// The initializer, regularizer and constraint of one weight, as Keras names them: "alpha_initializer", ...
#pragma once

#include <string>
#include <string_view>

#include <batchwise/layer.h>

namespace batchwise {

class WeightSettings {
 public:
  // `prefix`: of the arguments: "alpha".
  WeightSettings(std::string_view layer, const Config& config, std::string prefix, const char* initializer);

  VariableSpec variable(std::string name, Shape shape) const;
  void append_to(Config& config) const;
  const Spec& initializer() const { return initializer_; }

 private:
  std::string prefix_;
  Spec initializer_, regularizer_, constraint_;
};

}  // namespace batchwise
