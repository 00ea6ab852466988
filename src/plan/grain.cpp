// How a batch is cut into grains and blocks.
#include "plan/grain.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <sstream>

#include <batchwise/byte_size.h>

#include "model/model_layer.h"

namespace batchwise {
namespace {

// Calibrated on AVX-512 cores; constants of the rule, not measurements of this machine (those would change the bits).
constexpr double kHalfSpeedRows = 2;  // rows of a matrix product at which it reaches half speed
constexpr double kHalfSpeedGradientRows =
    5.5;  // the same of a weight gradient, which is written whole however few rows it has
constexpr double kCallSeconds = 0.3e-6;   // per kernel call
constexpr double kGrainSeconds = 1.5e-6;  // per grain: rows, lists of pointers, turns
constexpr double kNearlyAsFast = 1.028;
constexpr int64_t kLargest = 512;  // samples

// How far a working set is out of the core's own caches: 0 below `inside` bytes, 1 from `outside` on.
double spilled(double bytes, double inside, double outside) {
  return std::clamp(std::log2(bytes / inside) / std::log2(outside / inside), 0.0, 1.0);
}

// Seconds per byte, in the caches and out of them.
double seconds_per_byte(double out, double near_bandwidth, double far_bandwidth) {
  return (1 - out) / near_bandwidth + out / far_bandwidth;
}

// Of a layer and all that lies inside it.
int64_t samples_together(const Layer& layer) {
  int64_t samples = layer.samples_together();
  for (const Part& part : layer.parts()) samples = std::lcm(samples, samples_together(*part.layer));
  return samples;
}

// Adds the calls of a graph, and of the models called in it as if their layers stood there.
void count(const Model& model, GrainFacts& facts, std::map<const Layer*, bool>& looked_up) {
  for (const auto& node : model.nodes()) {
    const Layer& layer = *node->layer;
    if (layer.class_name() == "InputLayer") continue;
    Shapes inputs;
    for (const Symbol& input : node->inputs) inputs.push_back(input.shape());
    if (const auto* nested = dynamic_cast<const ModelLayer*>(&layer)) {
      count(nested->sized_for(inputs), facts, looked_up);
      continue;
    }
    ++facts.layers;
    double outputs = 0;
    for (const Shape& shape : node->output_shapes) outputs += static_cast<double>(shape.count());
    facts.activation_bytes_per_sample += static_cast<int64_t>(outputs) * 4;
    facts.samples_together = std::lcm(facts.samples_together, samples_together(layer));
    const double positions = layer.weight_uses(inputs, node->output_shapes);
    looked_up[&layer] |= positions == 0;
    if (positions <= 0) continue;
    for (const auto& variable : layer.weights()) {
      const Shape& shape = variable->spec.shape;
      if (shape.rank() < 2) continue;
      facts.products.push_back({2 * static_cast<double>(shape.count()) * positions, std::max(1.0, positions)});
    }
  }
}

Grain cut(const GrainFacts& facts, int64_t samples) {
  Grain grain;
  grain.samples = samples;
  grain.grains = (facts.batch_size + samples - 1) / samples;
  // Every pending block is a gradient-sized buffer: many when weights are small, one when they are large. So few that
  // batches of a few hundred samples have them all, and larger ones take no more memory. More lanes than blocks share
  // out grains.
  const int64_t affordable = MiB(1) / std::max<int64_t>(1, facts.weight_bytes);
  const int64_t most =
      facts.weight_bytes > MiB(32)
          ? 1
          : std::clamp<int64_t>(static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(affordable))), 2, 8);
  grain.blocks = std::min(grain.grains, most);
  return grain;
}

}  // namespace

double estimated_seconds(const GrainFacts& facts, int64_t samples) {
  const double g = static_cast<double>(samples);
  double products = 0;
  for (const GrainProduct& product : facts.products) {
    const double rows = g * product.positions, flops = g * product.flops_per_sample / kCoreFlops;
    products += (facts.training ? 2 : 1) * flops * (1 + kHalfSpeedRows / rows);
    if (facts.training) products += flops * (1 + kHalfSpeedGradientRows / rows);
  }
  // The weights are read, and their gradients made and added, once per grain.
  const double weights = static_cast<double>(facts.summed_bytes);
  const double sums = (facts.training ? 1.0 : 0.5) * weights * seconds_per_byte(spilled(weights, 4e6, 8e6), 60e9, 10e9);
  const double activations = static_cast<double>(facts.activation_bytes_per_sample) * g;
  const double moving = activations * seconds_per_byte(spilled(activations, 1e6, 1e9), 40e9, 3.2e9);
  const double calls = (facts.training ? 3 : 1) * static_cast<double>(facts.layers) * kCallSeconds + kGrainSeconds;
  const double grains = std::ceil(static_cast<double>(facts.batch_size) / g);
  const double per_grain = products + sums + moving + calls;
  return std::min(grains * per_grain,
                  std::ceil(grains / 2) * per_grain + sharing_seconds(facts.training ? facts.weight_bytes : 0));
}

GrainFacts grain_facts(const Model& model, int64_t batch_size) {
  GrainFacts facts;
  facts.batch_size = batch_size;
  std::map<const Layer*, bool> looked_up;  // of each layer with weights: whether by rows
  count(model, facts, looked_up);
  for (const auto& [layer, rows] : looked_up)
    for (const auto& variable : layer->weights()) {
      const int64_t bytes = variable->learns() ? variable->spec.shape.count() * 4 : 0;
      facts.weight_bytes += bytes;
      if (!rows) facts.summed_bytes += bytes;
    }
  return facts;
}

Grain choose_grain(const GrainFacts& facts, int64_t least) {
  // Powers of two, and even shares of the batch: none larger than the batch needs.
  const int64_t step = facts.samples_together;
  const auto whole = [&](int64_t samples) { return (samples + step - 1) / step * step; };
  std::set<int64_t> candidates{step};
  for (int64_t share = 1; share <= kLargest; share *= 2) {
    const int64_t even = whole((facts.batch_size + share - 1) / share);
    if (even <= std::max(kLargest, step)) candidates.insert(even);
    if (const int64_t power = share * step; power <= kLargest && power <= whole(facts.batch_size))
      candidates.insert(power);
  }
  double fastest = estimated_seconds(facts, step);
  for (int64_t samples : candidates) fastest = std::min(fastest, estimated_seconds(facts, samples));
  const int64_t most = std::max(step, facts.batch_size / least / step * step);
  const int64_t best = std::min(most, *std::find_if(candidates.begin(), candidates.end(), [&](int64_t samples) {
                                  return estimated_seconds(facts, samples) <= kNearlyAsFast * fastest;
                                }));
  Grain grain = cut(facts, best);
  std::ostringstream reason;
  reason << "grain " << grain.samples << ": " << show_byte_size(facts.weight_bytes)
         << " of weights, and activations of " << show_byte_size(facts.activation_bytes_per_sample)
         << " per sample; the smallest that is nearly as fast as any";
  if (least > 1 && best == most) reason << "; at most so many that a batch has " << least << " grains";
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
  GrainFacts facts = grain_facts(model, 128);  // enough that two lanes have 64 each
  facts.samples_together = 1;
  facts.training = false;
  return std::min<int64_t>(choose_grain(facts).samples, 64);
}

int64_t prediction_grain(const Model& model, int64_t samples, int lanes) {
  const int64_t grain = inference_grain(model);
  return samples > 0 ? std::min(grain, (samples + lanes - 1) / lanes) : grain;
}

}  // namespace batchwise
