// A model lowered for one grain: its kernels in order, the tensors between them, and the losses at the end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <batchwise/kernel.h>
#include <batchwise/loss.h>
#include <batchwise/metric.h>
#include <batchwise/model.h>

#include "plan/outline.h"

namespace batchwise {

struct ProgramValue {
  TensorType type;
  std::string name;
  int producer = -1;  // op; -1: an input of the model
  bool gradient = false;
};

struct ProgramOp {
  std::unique_ptr<Kernel> kernel;
  std::string layer;
  std::vector<int> inputs, outputs;
  std::vector<int> variables;  // indices into model.weights()
  std::vector<char> learns;    // per variable: its gradient is wanted
};

// The end of one output of the model: what its loss reads.
struct ProgramOutput {
  int prediction = -1;  // value, in plain layout
  int logits = -1;      // what went into the softmax or sigmoid that made it; -1: not such a head
  int mask = -1;        // value of dtype Bool: which steps count; -1: all
  Head head = Head::None;
};

// What the loss op of an output needs.
struct LossNeeds {
  int64_t scratch = 0;               // bytes
  int64_t targets = 0;               // of these: what the targets take
  int64_t statistics = 0;            // doubles per grain that it must know of the whole batch first; 0: none
  bool measures_prediction = false;  // else they are of targets, weights and mask alone
};

// What the losses and metrics of a compiled model become; independent of the grain.
struct Objective {
  std::unique_ptr<Loss> loss;  // null: this output has none
  double loss_weight = 1;
  int target = 0;        // which of the data's; -1: the data has none for it
  Shape target_shape;    // of one sample
  int64_t elements = 1;  // values of the loss, of a sample (or of the batch, where it spans that)
  std::vector<std::unique_ptr<Metric>> metrics;
  std::vector<char> weighted;  // per metric: takes sample weights
  bool takes_mask() const;     // has something that an output's mask changes
};

class Program {
 public:
  Program(const Model& model, int64_t grain, bool training);
  Program(const Program&) = delete;

  int64_t grain() const { return grain_; }
  bool training() const { return training_; }
  const std::vector<ProgramValue>& values() const { return values_; }
  const std::vector<ProgramOp>& ops() const { return ops_; }
  const std::vector<int>& inputs() const { return inputs_; }  // value per model input
  const std::vector<ProgramOutput>& outputs() const { return outputs_; }
  void prepare(int lanes) const;  // every kernel's handles

  // The program as numbers, ending in one loss op per entry of `objectives` (one per output; empty: none).
  // `fetch_bytes`: staging per input; `losses`: per output.
  Outline outline(const std::vector<Objective>& objectives, std::vector<int64_t> fetch_bytes,
                  const std::vector<LossNeeds>& losses) const;

 private:
  friend class ProgramLowering;
  int only_reader(int value) const;
  void join_kernels();
  bool join_with_reader(size_t index);
  void drop_value(int value, int instead);

  int64_t grain_;
  bool training_;
  std::vector<ProgramValue> values_;
  std::vector<ProgramOp> ops_;
  std::vector<int> inputs_;
  std::vector<ProgramOutput> outputs_;
  std::vector<int64_t> canonical_bytes_;  // per variable
};

// Whether the loss is computed on what went into the output's softmax or sigmoid.
bool fuses(const Objective& objective, const ProgramOutput& output);

}  // namespace batchwise
