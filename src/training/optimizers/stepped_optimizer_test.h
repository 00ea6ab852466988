// Steps of an optimizer on loose variables: the base class's part is applied here as the engine does.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include <batchwise/optimizer.h>

namespace batchwise {

using Matrix = std::vector<std::vector<float>>;

// What an optimizer keeps beside a variable, as it begins.
inline Matrix slots_of(const Optimizer& optimizer, const LearnedVariable& variable, const std::vector<float>& weights) {
  Matrix slots;
  for (const SlotSpec& slot : optimizer.slots(variable)) {
    if (slot.from_weights) slots.push_back(weights);
    else slots.emplace_back(static_cast<size_t>((slot.shape ? *slot.shape : variable.shape).count()), slot.initial);
  }
  return slots;
}

// One step of a variable, whole or as a run of elements. Scratch has bytes behind it that must stay.
inline void step_variable(const Optimizer& optimizer, const LearnedVariable& variable, const UpdateScalars& scalars,
                          std::vector<float>& weights, const std::vector<float>& gradients, Matrix& slots) {
  std::vector<float*> runs;
  for (auto& slot : slots) runs.push_back(slot.data());
  if (!optimizer.is_whole(variable)) {
    optimizer.update(scalars, {static_cast<int64_t>(weights.size()), weights.data(), gradients.data(), runs});
    return;
  }
  const size_t bytes = static_cast<size_t>(optimizer.scratch(variable));
  std::vector<std::byte> scratch(bytes + 64, std::byte{0x5a});
  optimizer.update_whole(scalars, {variable.shape, weights.data(), gradients.data(), runs, scratch.data()});
  for (size_t i = bytes; i < scratch.size(); ++i) ASSERT_EQ(scratch[i], std::byte{0x5a}) << "scratch is overrun";
}

// Steps of all variables, with what the base class does around them.
struct SteppedOptimizer {
  SteppedOptimizer(const Spec& spec, const Matrix& start, const Shape& shape)
      : optimizer(make_optimizer(spec)), variable{"dense/kernel", shape}, weights(start), average(start) {
    for (const auto& row : start) {
      slots.push_back(slots_of(*optimizer, variable, row));
      sums.emplace_back(row.size(), 0.0f);
    }
  }

  static float norm(const std::vector<float>& row) {
    double sum = 0;
    for (float g : row) sum += static_cast<double>(g) * g;
    return static_cast<float>(std::sqrt(sum));
  }

  void clip(Matrix& gradients) const {
    const OptimizerOptions& options = optimizer->options();
    double total = 0;
    for (const auto& row : gradients) total += std::pow(norm(row), 2);
    const double global = std::sqrt(total);
    for (auto& row : gradients) {
      const double own = norm(row);
      for (float& g : row) {
        if (options.clipnorm > 0) g = static_cast<float>(g * (options.clipnorm / std::max(own, options.clipnorm)));
        if (options.global_clipnorm > 0)
          g = static_cast<float>(g * (options.global_clipnorm / std::max(global, options.global_clipnorm)));
        if (options.clipvalue > 0)
          g = std::clamp(g, -static_cast<float>(options.clipvalue), static_cast<float>(options.clipvalue));
      }
    }
  }

  void step(const Matrix& raw) {
    const OptimizerOptions& options = optimizer->options();
    const int64_t k = std::max<int64_t>(1, options.gradient_accumulation_steps);
    for (size_t v = 0; v < raw.size(); ++v)
      for (size_t i = 0; i < raw[v].size(); ++i) sums[v][i] += raw[v][i];
    if (++micro_steps % k == 0) {
      Matrix gradients = sums;
      for (auto& row : gradients)
        for (float& g : row) g /= static_cast<float>(k);
      for (auto& row : sums) std::fill(row.begin(), row.end(), 0.0f);
      clip(gradients);
      UpdateScalars scalars{.learning_rate = optimizer->schedule()
                                                 ? optimizer->schedule()->rate(static_cast<double>(iteration))
                                                 : options.learning_rate,
                            .iteration = iteration};
      optimizer->begin(scalars);
      for (size_t v = 0; v < weights.size(); ++v) {
        const float decay = static_cast<float>(optimizer->weight_decay(variable)),
                    rate = static_cast<float>(scalars.learning_rate);
        if (decay > 0)
          for (float& w : weights[v]) w -= w * decay * rate;
        step_variable(*optimizer, variable, scalars, weights[v], gradients[v], slots[v]);
      }
      ++iteration;
    }
    if (!options.use_ema) return;
    const float keep = micro_steps == 1 ? 0.0f : static_cast<float>(options.ema_momentum);
    for (size_t v = 0; v < weights.size(); ++v)
      for (size_t i = 0; i < weights[v].size(); ++i) average[v][i] = keep * average[v][i] + (1 - keep) * weights[v][i];
    if (options.ema_overwrite_frequency > 0 && micro_steps % options.ema_overwrite_frequency == 0) weights = average;
  }

  std::unique_ptr<Optimizer> optimizer;
  LearnedVariable variable;
  Matrix weights, average, sums;
  std::vector<Matrix> slots;
  int64_t iteration = 0, micro_steps = 0;
};

}  // namespace batchwise
