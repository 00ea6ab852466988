// A layer that goes over a sequence with a cell: RNN, and those with a cell of their own.
#pragma once

#include <memory>

#include "layers/recurrent_cell.h"

namespace batchwise {

class RecurrentLayer : public Layer {
 public:
  // The cell is the layer's own, made of the arguments that cell_arguments() gives, or its argument "cell".
  RecurrentLayer(std::string_view class_name, const Config& config, std::shared_ptr<RecurrentCell> own_cell);
  RecurrentLayer(std::string_view class_name, const Config& config);
  static Config cell_arguments(const Config& config);

  std::string_view class_name() const override { return class_name_; }
  Config config() const override;
  Shapes output_shapes(const Shapes& inputs) const override { return call_shapes(inputs, {}); }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override;
  std::vector<VariableSpec> call_variables(const Shapes&, const CallForm&) const override { return {}; }
  double weight_uses(const Shapes& inputs, const Shapes&) const override { return rows_of_steps(inputs); }
  std::vector<Part> parts() const override { return {{"cell", cell_}}; }
  void build_parts(const Shapes& inputs, const CallForm& form) override;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override;

  // Rows of the products of all steps of a sample.
  static double rows_of_steps(const Shapes& inputs) {
    return static_cast<double>(inputs[0].count()) / static_cast<double>(std::max<int64_t>(1, inputs[0].back()));
  }
  bool backwards() const { return call_.backwards; }
  bool returns_sequences() const { return call_.sequences; }
  bool returns_states() const { return call_.states; }
  void set_backwards(bool backwards) { call_.backwards = backwards; }
  void set_zero_masked(bool zero) { call_.zero_masked = zero; }
  size_t state_count(const Shapes& inputs) const { return cell_->state_shapes(inputs[0].without_batch()).size(); }

 private:
  RecurrentLayer(std::string_view class_name, const Config& config, std::shared_ptr<RecurrentCell> cell, bool own);

  std::string class_name_;
  SequenceCall call_;
  bool unroll_ = false;
  bool own_cell_;  // its arguments are the layer's
  Spec activity_regularizer_;
  std::shared_ptr<RecurrentCell> cell_;
};

}  // namespace batchwise
