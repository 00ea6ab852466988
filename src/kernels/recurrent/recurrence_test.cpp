// Recurrences against plain loops, and the same bits whatever the grain and the pass that follows.
#include "kernels/recurrent/recurrence.h"

#include <hwy/highway.h>

#include "kernels/kernel_trial.h"

namespace batchwise {
namespace {

struct Size {
  int64_t steps, inputs, units;
};

RecurrenceOptions options_for(Cell cell, const Size& size, int64_t grain, bool learns) {
  RecurrenceOptions options;
  options.cell = cell;
  options.input = {{size.steps, size.inputs}};
  options.state = {size.units};
  options.grain = grain;
  options.activation = {find_activation_entry("tanh"), {}};
  options.recurrent_activation = {find_activation_entry("sigmoid"), {}};
  options.sequences = true;
  options.learns = learns;
  return options;
}

std::unique_ptr<Kernel> kernel_for(const RecurrenceOptions& options) {
  return make_recurrence(
      options, [&](const StepLayout& l) { return dense_input_map(l, options.input.shape.back()); }, dense_state_map);
}

trial::KernelRunInput given_for(Cell cell, const Size& size, int64_t rows, uint64_t seed) {
  const int64_t all = gates_of(cell) * size.units;
  trial::KernelRunInput given;
  given.input = trial::random_values(rows * size.steps * size.inputs, seed);
  given.weights = {trial::random_values(size.inputs * all, seed + 1), trial::random_values(size.units * all, seed + 2),
                   trial::random_values(cell == Cell::Gru ? 2 * all : all, seed + 3)};
  for (std::vector<float>& weights : given.weights)
    for (float& weight : weights) weight *= 0.3f;
  given.output_gradient = trial::random_values(rows * size.steps * size.units, seed + 4);
  return given;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// One sample through a cell, in double.
std::vector<float> plain_loops(Cell cell, const Size& s, const trial::KernelRunInput& given, int64_t row) {
  const int64_t all = gates_of(cell) * s.units;
  std::vector<double> h(static_cast<size_t>(s.units)), c(h), next(h);
  std::vector<float> output;
  const auto product = [&](const auto& state, int64_t column) {
    double sum = 0;
    for (int64_t k = 0; k < s.units; ++k) sum += state[k] * given.weights[1][k * all + column];
    return sum;
  };
  for (int64_t t = 0; t < s.steps; ++t) {
    const float* x = given.input.data() + (row * s.steps + t) * s.inputs;
    const auto input = [&](int64_t column) {
      double sum = given.weights[2][column];
      for (int64_t k = 0; k < s.inputs; ++k) sum += static_cast<double>(x[k]) * given.weights[0][k * all + column];
      return sum;
    };
    std::vector<double> reset(h.size());
    for (int64_t u = 0; u < s.units && cell == Cell::GruResetBefore; ++u)
      reset[u] = h[u] * sigmoid(input(s.units + u) + product(h, s.units + u));
    for (int64_t u = 0; u < s.units; ++u) {
      const auto gate = [&](int64_t g) { return g * s.units + u; };
      const auto both = [&](int64_t g) { return input(gate(g)) + product(h, gate(g)); };
      const auto bias = [&](int64_t g) { return cell == Cell::Gru ? given.weights[2][all + gate(g)] : 0.0f; };
      if (cell == Cell::SimpleRnn) {
        next[u] = std::tanh(both(0));
      } else if (cell == Cell::Lstm) {
        c[u] = sigmoid(both(1)) * c[u] + sigmoid(both(0)) * std::tanh(both(2));
        next[u] = sigmoid(both(3)) * std::tanh(c[u]);
      } else {
        const double update = sigmoid(both(0) + bias(0)), open = sigmoid(both(1) + bias(1));
        const double candidate = std::tanh(
            input(gate(2)) + (cell == Cell::Gru ? open * (product(h, gate(2)) + bias(2)) : product(reset, gate(2))));
        next[u] = update * h[u] + (1 - update) * candidate;
      }
    }
    h = next;
    output.insert(output.end(), h.begin(), h.end());
  }
  return output;
}

const Cell kCells[] = {Cell::SimpleRnn, Cell::Lstm, Cell::Gru, Cell::GruResetBefore};

TEST(Recurrence, AgreesWithPlainLoops) {
  for (const Cell cell : kCells)
    for (const Size& size : {Size{1, 1, 1}, Size{3, 5, 16}, Size{37, 20, 33}, Size{18, 130, 48}})
      for (const bool learns : {false, true}) {
        SCOPED_TRACE(std::to_string(static_cast<int>(cell)) + ": " + std::to_string(size.steps) + " steps");
        trial::KernelRunInput given = given_for(cell, size, 5, 9);
        if (!learns) given.output_gradient.clear();
        const trial::KernelRun run = trial::run_kernel(*kernel_for(options_for(cell, size, 6, learns)), 6, 5, given);
        std::vector<float> expected;
        for (int64_t row = 0; row < 5; ++row)
          for (const float value : plain_loops(cell, size, given, row)) expected.push_back(value);
        trial::expect_close(expected, run.output, 1e-5, "output");
      }
}

TEST(Recurrence, GivesASampleTheSameBitsInAnyGrainAndWhetherOrNotItLearns) {
  const Size size{40, 12, 20};
  for (const Cell cell : kCells) {
    const trial::KernelRunInput given = given_for(cell, size, 33, 5);
    const std::vector<float> all =
        trial::run_kernel(*kernel_for(options_for(cell, size, 33, true)), 33, 33, given).output;
    const int64_t in = size.steps * size.inputs, out = size.steps * size.units;
    for (const int64_t row : {0, 7, 32}) {
      const std::vector<float> sample(given.input.begin() + row * in, given.input.begin() + (row + 1) * in);
      EXPECT_EQ(trial::run_kernel(*kernel_for(options_for(cell, size, 1, false)), 1, 1,
                                  {.input = sample, .weights = given.weights})
                    .output,
                std::vector<float>(all.begin() + row * out, all.begin() + (row + 1) * out));
    }
  }
}

TEST(Recurrence, GivesTheSameGradientsWithSamplesThatAreNotValid) {
  const Size size{9, 7, 18};
  for (const Cell cell : kCells) {
    const trial::KernelRunInput given = given_for(cell, size, 3, 8);
    const trial::KernelRun exact = trial::run_kernel(*kernel_for(options_for(cell, size, 3, true)), 3, 3, given),
                           ragged = trial::run_kernel(*kernel_for(options_for(cell, size, 8, true)), 8, 3, given);
    EXPECT_EQ(exact.output, ragged.output);
    for (size_t w = 0; w < 3; ++w)
      trial::expect_close(exact.weight_gradients[w], ragged.weight_gradients[w], 1e-5, "weight gradient");
    trial::expect_close(exact.input_gradient, ragged.input_gradient, 1e-5, "input gradient");
  }
}

TEST(Recurrence, KeepsNothingWhereNothingLearns) {
  const auto kernel = kernel_for(options_for(Cell::Lstm, {1000, 8, 16}, 4, false));
  EXPECT_EQ(kernel->memory().saved, 0);
  EXPECT_EQ(kernel->memory().backward_scratch, 0);
  const auto longer = kernel_for(options_for(Cell::Lstm, {2000, 8, 16}, 4, false));
  EXPECT_EQ(kernel->memory().forward_scratch, longer->memory().forward_scratch) << "memory must not grow with steps";
}

}  // namespace
}  // namespace batchwise
