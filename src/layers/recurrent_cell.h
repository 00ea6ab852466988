// What a recurrent layer repeats: a layer that is called on one step and states, or, by recurrent layers, on sequences.
#pragma once

#include <batchwise/layer.h>

namespace batchwise {

// How a cell goes over the steps of a sequence.
struct SequenceCall {
  bool sequences = false;  // the output of every step, else that of the last one
  bool states = false;     // the states after the last step, behind the output
  bool backwards = false;
  bool zero_masked = false;

  CallForm form(size_t initial_states) const;  // of a cell's call: the sequence, then the states
  static SequenceCall of(const CallForm& form);
  static bool stated(const CallForm& form);
};

class RecurrentCell : public Layer {
 public:
  virtual Shapes state_shapes(const Shape& step) const = 0;
  virtual Shape output_shape(const Shape& step) const = 0;

  // Of one step: the output, then the states.
  Shapes output_shapes(const Shapes& inputs) const override;
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override;
  // Keras calls cells on one step and states; recurrent layers call them on sequences, with the form of a SequenceCall.
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const final;

 protected:
  // states: none, or the initial ones.
  virtual std::vector<Value> lower_sequence(Lowering& lowering, Value sequence, std::span<const Value> states,
                                            const SequenceCall& call) const = 0;
};

// Throws unless the states fit: none, or one of each shape.
void check_states(std::string_view layer, std::span<const Shape> given, const Shapes& expected);

}  // namespace batchwise
