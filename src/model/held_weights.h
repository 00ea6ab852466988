// Weights that a fit, an evaluation or a Trainer holds: nobody else may use them until it is over.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <batchwise/model.h>

namespace batchwise {

void require_not_held(const Model& model, std::string_view where);

// Holds the weights of a model while it lives. Of two threads that want them at once, one gets them.
class WeightsHold {
 public:
  // Throws, holding nothing, where somebody else holds one of them.
  WeightsHold(const Model& model, std::string_view where);
  ~WeightsHold();  // values that were taken away and never given back stay held: nobody must take them for new ones
  WeightsHold(WeightsHold&&) noexcept = default;
  WeightsHold& operator=(WeightsHold&&) = delete;

 private:
  void let_go();
  struct Held {
    std::shared_ptr<Variable> variable;
    bool had_value;
  };
  std::vector<Held> held_;
};

}  // namespace batchwise
