// How a batch is cut into grains and blocks.
#include "plan/grain.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <sstream>

#include <batchwise/byte_size.h>

namespace batchwise {
namespace {

// Calibrated on AVX-512 cores; constants of the rule, not measurements of this machine (those would change the bits).
constexpr double kFlops = 150e9;             // of one core in good kernels, per second
constexpr double kHalfSpeedRows = 6;         // rows of a matrix product at which it reaches half speed
constexpr double kCallSeconds = 1.0e-6;      // per kernel call
constexpr double kSumBandwidth = 12e9;       // bytes/s at which a gradient is added to a sum
constexpr double kCacheBytes = 1 << 20;      // of one core
constexpr double kNearBandwidth = 60e9, kFarBandwidth = 10e9;
constexpr double kMergeSeconds = 4e-6;       // lanes meet

// Estimated seconds of one step on two cores.
double step_seconds(const GrainFacts& facts, int64_t grain) {
  const double g = static_cast<double>(grain);
  const double grains = std::ceil(static_cast<double>(facts.batch_size) / g);
  const double rows = g * facts.positions;
  const double products = 3 * facts.flops_per_sample * g / (kFlops * rows / (rows + kHalfSpeedRows));
  const double traffic = 4.0 * static_cast<double>(facts.activation_bytes_per_sample) * g;
  const double spread = std::clamp(2 * g * static_cast<double>(facts.activation_bytes_per_sample) / kCacheBytes, 0.0, 1.0);
  const double moving = traffic * ((1 - spread) / kNearBandwidth + spread / kFarBandwidth);
  const double calls = 3 * static_cast<double>(facts.layers) * kCallSeconds;
  const double sums = 3 * static_cast<double>(facts.weight_bytes) / kSumBandwidth;
  const double per_grain = products + moving + calls + (grains > 2 ? sums : 0);
  return std::ceil(grains / 2) * per_grain + kMergeSeconds;
}

Grain cut(const GrainFacts& facts, int64_t samples) {
  Grain grain;
  grain.samples = samples;
  grain.grains = (facts.batch_size + samples - 1) / samples;
  // Every pending block is a gradient-sized buffer: many when weights are small, one when they are large.
  const int64_t affordable = MiB(8) / std::max<int64_t>(1, facts.weight_bytes);
  const int64_t most = facts.weight_bytes > MiB(32) ? 1 : std::clamp<int64_t>(static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(affordable))), 2, 64);
  grain.blocks = std::min(grain.grains, most);
  return grain;
}

}  // namespace

GrainFacts grain_facts(const Model& model, int64_t batch_size) {
  GrainFacts facts;
  facts.batch_size = batch_size;
  double weights = 0;
  for (const auto& node : model.nodes()) {
    if (node->layer->class_name() == "InputLayer") continue;
    ++facts.layers;
    double outputs = 0;
    for (const Shape& shape : node->output_shapes) outputs += static_cast<double>(shape.count());
    facts.activation_bytes_per_sample += static_cast<int64_t>(outputs) * 4;
    facts.samples_together = std::lcm(facts.samples_together, node->layer->samples_together());
    for (const auto& variable : node->layer->weights()) {
      const Shape& shape = variable->spec.shape;
      if (shape.rank() < 2 || node->output_shapes.front().rank() == 0) continue;
      const double positions = outputs / static_cast<double>(std::max<int64_t>(1, node->output_shapes.front().back()));
      facts.flops_per_sample += 2 * static_cast<double>(shape.count()) * positions;
      weights += static_cast<double>(shape.count());
    }
  }
  for (const auto& layer : model.layers())
    if (layer->trainable())
      for (const auto& variable : layer->weights())
        if (variable->spec.trainable) facts.weight_bytes += variable->spec.shape.count() * 4;
  if (weights > 0) facts.positions = std::max(1.0, facts.flops_per_sample / (2 * weights));
  return facts;
}

Grain choose_grain(const GrainFacts& facts) {
  const int64_t step = facts.samples_together;
  int64_t best = step;
  double best_seconds = step_seconds(facts, step);
  for (int64_t samples = 2 * step; samples <= 512 && samples < 2 * facts.batch_size; samples *= 2) {
    // A larger grain must earn its memory.
    const double seconds = step_seconds(facts, samples);
    if (seconds < 0.97 * best_seconds) {
      best = samples;
      best_seconds = seconds;
    }
  }
  Grain grain = cut(facts, best);
  std::ostringstream reason;
  reason << "grain " << grain.samples << ": " << show_byte_size(facts.weight_bytes) << " of weights are used " << static_cast<int64_t>(facts.positions)
         << " times per sample, whose activations take " << show_byte_size(facts.activation_bytes_per_sample);
  if (step > 1) reason << "; statistics are taken over " << step << " samples";
  grain.reason = reason.str();
  return grain;
}

Grain stated_grain(const GrainFacts& facts, int64_t samples) {
  require(samples >= 1 && samples <= 65536, "grain", "a grain has 1 to 65536 samples. Got ", samples, ".");
  require(samples % facts.samples_together == 0, "grain", "the grain must be a multiple of ", facts.samples_together,
          ", the samples that ghost batch normalisation takes together. Got ", samples, ".");
  Grain grain = cut(facts, samples);
  grain.reason = "grain " + std::to_string(samples) + ": as stated";
  return grain;
}

int64_t inference_grain(const Model& model) {
  GrainFacts facts = grain_facts(model, 64);
  facts.samples_together = 1;
  facts.weight_bytes = 0;
  return std::min<int64_t>(choose_grain(facts).samples, 64);
}

}  // namespace batchwise
