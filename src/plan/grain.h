// How a batch is cut: the grain, and the blocks that gradients are summed in. Functions of model and batch size alone,
// never of memory, cores or machines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <batchwise/model.h>

namespace batchwise {

// A layer's product with its weights.
struct GrainProduct {
  double flops_per_sample = 0;  // forward
  double positions = 1;         // how often each weight is used per sample: rows of the matrix product
};

// What the rules look at: numbers of the model's description.
struct GrainFacts {
  int64_t batch_size = 0;
  int64_t weight_bytes = 0;  // of trainable weights
  int64_t summed_bytes = 0;  // of those whose gradient each grain makes as a whole
  std::vector<GrainProduct> products;
  int64_t activation_bytes_per_sample = 0;
  int64_t layers = 0;
  int64_t samples_together = 1;  // grains are multiples of it (ghost batch normalisation)
  bool training = true;
};

// What the rules take a core to do per second in good kernels: a constant, so that they say the same on every machine.
constexpr double kCoreFlops = 200e9;
// Seconds of a step that two lanes lose by meeting, and by reading weights and gradients that the other wrote.
inline double sharing_seconds(int64_t weight_bytes) { return 4e-6 + static_cast<double>(weight_bytes) / 3.5e9; }

struct Grain {
  int64_t samples = 1;
  int64_t grains = 1;  // per batch
  int64_t blocks = 1;  // per batch; consecutive grains
  std::string reason;
};

GrainFacts grain_facts(const Model& model, int64_t batch_size);
// The rule's estimate, in seconds, of a batch in grains of `samples` on two cores: what chosen grains are compared by.
double estimated_seconds(const GrainFacts& facts, int64_t samples);
// The smallest grain that is estimated to be nearly as fast as the fastest: it takes the least memory and leaves work
// for the most cores.
// `least`: grains that a batch is to have, where it has as many samples.
Grain choose_grain(const GrainFacts& facts, int64_t least = 1);
Grain stated_grain(const GrainFacts& facts, int64_t samples);  // throws when ghost statistics do not allow it
// The grain of inference: of the model alone, as sums of losses depend on it.
int64_t inference_grain(const Model& model);
// The grain of a prediction of `samples`, or more when 0: no larger than leaves work for every lane. The bits of a
// prediction do not depend on it.
int64_t prediction_grain(const Model& model, int64_t samples, int lanes);

// First grain of a block; block_begin(blocks) == grains.
inline int64_t block_begin(int64_t block, int64_t blocks, int64_t grains) { return block * grains / blocks; }

}  // namespace batchwise
