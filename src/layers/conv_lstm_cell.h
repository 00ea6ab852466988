// The cell of ConvLSTM1D, 2D and 3D: an LSTM whose gates are convolutions of images.
#pragma once

#include "kernels/recurrent/conv_maps.h"
#include "layers/gate_arguments.h"
#include "layers/recurrent_cell.h"

namespace batchwise {

class ConvLstmCell final : public RecurrentCell {
 public:
  // rank: axes of an image. where: what errors name.
  ConvLstmCell(int rank, std::string_view where, const Config& config);

  std::string_view class_name() const override { return "ConvLSTMCell"; }
  Config config() const override;
  Shapes state_shapes(const Shape& step) const override { return {output_shape(step), output_shape(step)}; }
  Shape output_shape(const Shape& step) const override;
  std::vector<VariableSpec> variables(const Shapes& inputs) const override;

 protected:
  std::vector<Value> lower_sequence(Lowering& lowering, Value sequence, std::span<const Value> states,
                                    const SequenceCall& call) const override;

 private:
  ConvAxes input_axes(const Shape& step) const;
  ConvAxes state_axes(const Shape& state) const;
  Shape kernel_shape(int64_t inputs) const;

  int rank_;
  std::string where_;
  int64_t filters_;
  std::vector<int64_t> kernel_size_, strides_, dilation_rate_;
  std::string padding_;
  GateArguments arguments_;
};

}  // namespace batchwise
