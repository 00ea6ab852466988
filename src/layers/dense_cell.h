// Cells whose gates see a vector of inputs and a vector of states: SimpleRNN, LSTM, GRU.
#pragma once

#include "layers/gate_arguments.h"
#include "layers/recurrent_cell.h"

namespace batchwise {

class DenseCell : public RecurrentCell {
 public:
  // class_name: of the cell; where: what errors name, the layer that the arguments were given to.
  DenseCell(std::string_view class_name, std::string_view where, const Config& config);

  std::string_view class_name() const override { return class_name_; }
  Config config() const override;
  Shapes state_shapes(const Shape& step) const override;
  Shape output_shape(const Shape& step) const override;
  std::vector<VariableSpec> variables(const Shapes& inputs) const override;

 protected:
  std::vector<Value> lower_sequence(Lowering& lowering, Value sequence, std::span<const Value> states,
                                    const SequenceCall& call) const override;

 private:
  std::string class_name_;
  Cell cell_;
  int64_t units_;
  int64_t implementation_;  // 1: with dropout, each gate draws its own
  GateArguments arguments_;
};

}  // namespace batchwise
