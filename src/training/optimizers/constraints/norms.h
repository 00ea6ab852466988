// Norms of a weight over some of its axes, and constraints that scale by them.
#pragma once

#include <vector>

#include <batchwise/optimizer.h>

namespace batchwise {

// Keras's "axis": one number or a list of neighbouring axes.
class NormConstraint : public Constraint {
 public:
  void check(const Shape& variable) const override { view(variable); }
  void apply(const Shape& variable, float* weights) const override;

 protected:
  NormConstraint(const Config& config, const char* where);
  Config axis_config() const;

 private:
  // Element (o, s, i) lies at (o * size + s) * inner + i; the norm is over s.
  struct View {
    int64_t outer = 1, size = 1, inner = 1;
  };
  View view(const Shape& variable) const;
  virtual float scale(float norm) const = 0;  // what weights of this norm are multiplied by

  const char* where_;
  std::vector<int64_t> axes_;
  bool is_list_ = false;
};

}  // namespace batchwise
