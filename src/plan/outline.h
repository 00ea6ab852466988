// A lowered program as numbers: what planning needs to know of kernels and tensors, and nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// A tensor of one grain.
struct OutlineValue {
  std::string name;
  int64_t bytes = 0;
  bool input = false;     // read from the data set
  bool gradient = false;  // somebody before it learns: its gradient has as many bytes
  int producer = -1;      // op; -1 for inputs
  double fetch_work = 0;  // of an input whose samples take work to read: flops a core would make meanwhile for a grain
};

struct OutlineWeight {
  int variable = 0;            // index in the model's weights
  int64_t gradient_bytes = 0;  // 0: its gradient is not wanted
  bool added = false;          // grains add to the sum themselves: none has a gradient of its own
};

struct OutlineOp {
  std::string name;   // the layer's
  std::string kind;   // the kernel's
  bool loss = false;  // inputs: the prediction, then logits and mask. Writes the gradient of gradient_of
  int gradient_of = -1;
  std::vector<int> inputs, outputs;
  std::vector<int> measured;  // of a loss that is measured before it is computed: the inputs that this reads
  std::vector<OutlineWeight> weights;
  KernelMemory memory;
  KernelNeeds needs;
  Statistics statistics;
  KernelCost cost;
  int64_t target_bytes = 0;  // of a loss: what its targets of a grain take
};

// Ops in an order in which producers come first.
struct Outline {
  bool training = false;
  std::vector<OutlineValue> values;
  std::vector<OutlineOp> ops;
  std::vector<int64_t> fetch_bytes;  // per input value, in its order: staging that fetching one grain needs
};

}  // namespace batchwise
