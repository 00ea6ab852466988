// Joins neighbours of a program whose kernels can be one: what lies between them is never written.
#include <algorithm>

#include "training/program/program.h"

namespace batchwise {

// The op that alone reads the value, and nothing but it; -1: there is none, or the value leaves the program.
int Program::only_reader(int value) const {
  for (const ProgramOutput& end : outputs_)
    if (end.prediction == value || end.logits == value || end.mask == value) return -1;
  int reader = -1;
  for (size_t i = 0; i < ops_.size(); ++i)
    for (const int input : ops_[i].inputs) {
      if (input != value) continue;
      if (reader >= 0 || ops_[i].inputs.size() > 1) return -1;
      reader = static_cast<int>(i);
    }
  return reader;
}

void Program::join_kernels() {
  for (size_t i = 0; i < ops_.size(); ++i)
    while (join_with_reader(i)) {}
}

bool Program::join_with_reader(size_t index) {
  ProgramOp& op = ops_[index];
  const int reader = op.outputs.size() == 1 ? only_reader(op.outputs[0]) : -1;
  if (reader < 0) return false;
  const ProgramOp& next = ops_[static_cast<size_t>(reader)];
  if (!next.variables.empty() || next.outputs.size() != 1) return false;
  std::unique_ptr<Kernel> joined = op.kernel->joined(*next.kernel);
  if (!joined) return false;
  op.kernel = std::move(joined);
  op.layer += " + " + next.layer;
  drop_value(op.outputs[0], next.outputs[0]);
  ops_.erase(ops_.begin() + reader);
  for (ProgramValue& value : values_)
    if (value.producer == reader) value.producer = static_cast<int>(index);
    else if (value.producer > reader) --value.producer;
  return true;
}

// What wrote `value` writes `instead`; values behind it move up.
void Program::drop_value(int value, int instead) {
  const auto move = [&](int& index) {
    if (index == value) index = instead;
    if (index > value) --index;
  };
  for (ProgramOp& op : ops_) {
    std::for_each(op.inputs.begin(), op.inputs.end(), move);
    std::for_each(op.outputs.begin(), op.outputs.end(), move);
  }
  std::for_each(inputs_.begin(), inputs_.end(), move);
  for (ProgramOutput& end : outputs_)
    for (int* index : {&end.prediction, &end.logits, &end.mask}) move(*index);
  values_.erase(values_.begin() + value);
}

}  // namespace batchwise
