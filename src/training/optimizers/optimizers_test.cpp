// Optimizers against traces made with Keras: the base class's part is applied here as the engine does.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

using nlohmann::json;
using Matrix = std::vector<std::vector<float>>;

std::vector<float> joined(const json& matrix) {
  std::vector<float> out;
  for (const json& row : matrix)
    for (const json& value : row) out.push_back(value.get<float>());
  return out;
}

// What an optimizer keeps beside a variable, as it begins.
Matrix slots_of(const Optimizer& optimizer, const LearnedVariable& variable, const std::vector<float>& weights) {
  Matrix slots;
  for (const SlotSpec& slot : optimizer.slots(variable)) {
    if (slot.from_weights) slots.push_back(weights);
    else slots.emplace_back(static_cast<size_t>((slot.shape ? *slot.shape : variable.shape).count()), slot.initial);
  }
  return slots;
}

// One step of a variable, whole or as a run of elements. Scratch has bytes behind it that must stay.
void step_variable(const Optimizer& optimizer, const LearnedVariable& variable, const UpdateScalars& scalars,
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

struct Trainer {
  Trainer(const Spec& spec, const Matrix& start, const Shape& shape)
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

TEST(Optimizers, FollowTheTracesOfKeras) {
  std::ifstream file(BATCHWISE_SOURCE_DIR "/tests/golden/optimizers.json");
  const json golden = json::parse(file);
  const Matrix start{joined(golden["w0"])};  // one variable of shape (4, 3)
  const std::map<std::string, Spec> specs{
      {"sgd", SGD({.learning_rate = 0.1f})},
      {"sgd_mom", SGD({.learning_rate = 0.1f, .momentum = 0.9f})},
      {"sgd_nesterov", SGD({.learning_rate = 0.1f, .momentum = 0.9f, .nesterov = true})},
      {"adam", Adam({.learning_rate = 0.01f})},
      {"adam_amsgrad", Adam({.learning_rate = 0.01f, .amsgrad = true})},
      {"adamw", AdamW({.learning_rate = 0.01f, .weight_decay = 0.1f})},
      {"rmsprop", RMSprop({.learning_rate = 0.01f})},
      {"rmsprop_c_m", RMSprop({.learning_rate = 0.01f, .momentum = 0.9f, .centered = true})},
      {"adagrad", Adagrad({.learning_rate = 0.1f})},
      {"adadelta", Adadelta({.learning_rate = 1.0f})},
      {"adamax", Adamax({.learning_rate = 0.01f})},
      {"nadam", Nadam({.learning_rate = 0.01f})},
      {"lamb", Lamb({.learning_rate = 0.01f})},
      {"adafactor", Adafactor({.learning_rate = 0.01f})},
      {"lion", Lion({.learning_rate = 0.01f})},
      {"ftrl", Ftrl({.learning_rate = 0.1f, .l1_regularization_strength = 0.01f})},
      {"sgd_clipnorm", SGD({.learning_rate = 0.1f, .common = {.clipnorm = 1.0f}})},
      {"sgd_gclip", SGD({.learning_rate = 0.1f, .common = {.global_clipnorm = 1.0f}})},
      {"sgd_clipvalue", SGD({.learning_rate = 0.1f, .common = {.clipvalue = 0.5f}})},
      {"adam_wd", Adam({.learning_rate = 0.01f, .common = {.weight_decay = 0.1f}})},
      {"adam_ema",
       Adam({.learning_rate = 0.01f, .common = {.use_ema = true, .ema_momentum = 0.9f, .ema_overwrite_frequency = 3}})},
      {"adam_acc2", Adam({.learning_rate = 0.01f, .common = {.gradient_accumulation_steps = 2}})},
      {"sgd_expdecay",
       SGD({.schedule = ExponentialDecay({.initial_learning_rate = 0.1f, .decay_steps = 2, .decay_rate = 0.5f})})},
  };
  for (const auto& [name, spec] : specs) {
    SCOPED_TRACE(name);
    Trainer trainer(spec, start, {4, 3});
    for (size_t step = 0; step < golden["grads"].size(); ++step) {
      trainer.step({joined(golden["grads"][step])});
      const std::vector<float> wanted = joined(golden["traces"][name][step]);
      for (size_t i = 0; i < wanted.size(); ++i)
        ASSERT_NEAR(trainer.weights[0][i], wanted[i], 1e-6) << "step " << step << " weight " << i;
    }
  }
}

// Plain loops in float32, with the vectors' order of operations.
TEST(Optimizers, AdamIsTheFormulaToTheBitForEveryLengthOfRun) {
  const auto adam = make_optimizer("adam");
  for (int64_t count : {1, 3, 7, 8, 15, 16, 17, 31, 33, 1000}) {
    std::vector<float> w(static_cast<size_t>(count)), g(w), m(w), v(w);
    for (size_t i = 0; i < w.size(); ++i) {
      w[i] = std::sin(static_cast<float>(i));
      g[i] = std::cos(3 * static_cast<float>(i));
      m[i] = 0.1f * std::sin(5 * static_cast<float>(i));
      v[i] = 0.01f * (1 + std::cos(static_cast<float>(i)));
    }
    UpdateScalars scalars{.learning_rate = 0.001, .iteration = 4};
    adam->begin(scalars);
    const float b1 = 0.9f, b2 = 0.999f;
    const float p1 = static_cast<float>(std::pow(double{b1}, 5)), p2 = static_cast<float>(std::pow(double{b2}, 5));
    const float alpha = 0.001f * std::sqrt(1 - p2) / (1 - p1);
    std::vector<float> wanted(w);
    for (size_t i = 0; i < w.size(); ++i) {
      const float first = m[i] + (g[i] - m[i]) * static_cast<float>(1 - 0.9),
                  second = v[i] + (g[i] * g[i] - v[i]) * static_cast<float>(1 - 0.999);
      wanted[i] -= first * alpha / (std::sqrt(second) + 1e-7f);
    }
    float* slots[] = {m.data(), v.data()};
    adam->update(scalars, {count, w.data(), g.data(), slots});
    EXPECT_EQ(w, wanted) << count;
  }
}

// Keras's formulas written out, in double.
TEST(Optimizers, ScheduleFreeAdamWIsItsFormula) {
  const std::vector<double> gradients{0.5, -0.2, 0.3, 0.1, -0.4};
  double y = 0.7, z = y, v = 0;
  Trainer trainer(ScheduleFreeAdamW({.learning_rate = 0.1f, .warmup_steps = 3}), {{0.7f}}, {1});
  for (size_t step = 0; step < gradients.size(); ++step) {
    const double t = static_cast<double>(step + 1), g = gradients[step], rate = 0.1 * std::min(t / 3, 1.0);
    v += (g * g - v) * (1 - 0.999);
    const double before = z;
    z -= rate * g / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
    const double x = (1 - 1 / t) * ((y - 0.1 * before) / 0.9) + z / t;
    y = 0.1 * z + 0.9 * x;
    trainer.step({{static_cast<float>(g)}});
    EXPECT_NEAR(trainer.weights[0][0], y, 2e-6) << step;
  }
}

using Doubles = std::vector<std::vector<double>>;
Doubles times(const Doubles& a, const Doubles& b) {
  Doubles c(a.size(), std::vector<double>(b[0].size(), 0.0));
  for (size_t i = 0; i < a.size(); ++i)
    for (size_t k = 0; k < b.size(); ++k)
      for (size_t j = 0; j < b[0].size(); ++j) c[i][j] += a[i][k] * b[k][j];
  return c;
}
Doubles turned(const Doubles& a) {
  Doubles t(a[0].size(), std::vector<double>(a.size()));
  for (size_t i = 0; i < a.size(); ++i)
    for (size_t j = 0; j < a[0].size(); ++j) t[j][i] = a[i][j];
  return t;
}

TEST(Optimizers, MuonsStepsOfMatricesAreOrthogonalAsInItsFormula) {
  for (const auto& [rows, columns] :
       std::vector<std::pair<int64_t, int64_t>>{{5, 3}, {3, 5}, {16, 16}, {20, 50}, {33, 17}}) {
    const size_t count = static_cast<size_t>(rows * columns);
    std::vector<float> w(count, 0.0f), g(count);
    for (size_t i = 0; i < count; ++i) g[i] = std::sin(static_cast<float>(i * i + 1));
    Trainer trainer(Muon({.learning_rate = 0.1f, .weight_decay = 0.0f}), {w}, {rows, columns});
    trainer.step({g});
    // The momentum of the first step is g; with nesterov it goes g + 0.95 g.
    Doubles x(static_cast<size_t>(rows), std::vector<double>(static_cast<size_t>(columns)));
    double norm = 0;
    for (size_t i = 0; i < count; ++i) norm += std::pow(1.95 * static_cast<double>(g[i]), 2);
    for (size_t i = 0; i < count; ++i)
      x[i / static_cast<size_t>(columns)][i % static_cast<size_t>(columns)] = 1.95 * g[i] / (std::sqrt(norm) + 1e-7);
    if (rows > columns) x = turned(x);
    for (int step = 0; step < 5; ++step) {
      const Doubles a = times(x, turned(x)), aa = times(a, a);
      Doubles b = a;
      for (size_t i = 0; i < a.size(); ++i)
        for (size_t j = 0; j < a.size(); ++j) b[i][j] = -4.775 * a[i][j] + 2.0315 * aa[i][j];
      const Doubles bx = times(b, x);
      for (size_t i = 0; i < x.size(); ++i)
        for (size_t j = 0; j < x[0].size(); ++j) x[i][j] = 3.4445 * x[i][j] + bx[i][j];
    }
    if (rows > columns) x = turned(x);
    const double scale = 0.1 * 0.2 * std::sqrt(static_cast<double>(std::max(rows, columns)));
    for (size_t i = 0; i < count; ++i)
      ASSERT_NEAR(trainer.weights[0][i], -scale * x[i / static_cast<size_t>(columns)][i % static_cast<size_t>(columns)],
                  2e-5)
          << rows << " x " << columns << " at " << i;
  }
}

TEST(Optimizers, MuonLeavesEmbeddingsVectorsAndExcludedLayersToAdamW) {
  const auto muon = make_optimizer(Muon({.exclude_layers = {"^head/"}}));
  EXPECT_TRUE(muon->is_whole({"dense/kernel", {4, 3}}));
  EXPECT_FALSE(muon->is_whole({"dense/bias", {3}}));
  EXPECT_FALSE(muon->is_whole({"conv/kernel", {3, 3, 4, 8}}));
  EXPECT_FALSE(muon->is_whole({"Embedding_1/embeddings", {10, 3}}));
  EXPECT_FALSE(muon->is_whole({"head/kernel", {4, 3}}));
  EXPECT_EQ(muon->slots({"dense/kernel", {4, 3}}).size(), 1u);
  EXPECT_EQ(muon->slots({"dense/bias", {3}}).size(), 2u);
}

TEST(Optimizers, AdafactorKeepsRowsAndColumnsOfTheLastTwoAxes) {
  const auto slots = make_optimizer("adafactor")->slots({"conv/kernel", {3, 2, 4, 8}});
  EXPECT_EQ(*slots[0].shape, Shape({3, 2, 4}));
  EXPECT_EQ(*slots[1].shape, Shape({3, 2, 8}));
  EXPECT_FALSE(slots[2].shape.has_value());
}

TEST(Optimizers, ARunCutInPiecesGivesTheSameBits) {
  for (const std::string& name : Registry<Optimizer>::instance().names())
    for (const Config& example : Registry<Optimizer>::instance().find(name)->examples) {
      const auto optimizer = make_optimizer(Spec(name, example));
      const LearnedVariable variable{"dense/bias", {101}};
      if (optimizer->is_whole(variable)) continue;
      const auto run = [&](const std::vector<int64_t>& pieces) {
        const size_t count = 101;
        std::vector<float> w(count), g(count);
        for (size_t i = 0; i < count; ++i)
          w[i] = std::sin(static_cast<float>(i)), g[i] = std::cos(7 * static_cast<float>(i));
        Matrix slots = slots_of(*optimizer, variable, w);
        for (int64_t iteration = 0; iteration < 3; ++iteration) {
          UpdateScalars scalars{.learning_rate = 0.01, .iteration = iteration};
          optimizer->begin(scalars);
          int64_t at = 0;
          for (int64_t piece : pieces) {
            std::vector<float*> parts;
            for (auto& slot : slots) parts.push_back(slot.data() + at);
            optimizer->update(scalars, {piece, w.data() + at, g.data() + at, parts});
            at += piece;
          }
        }
        return w;
      };
      EXPECT_EQ(run({101}), run({1, 13, 20, 67})) << name << " " << example.text();
    }
}

TEST(Optimizers, NadamsMomentumProductStaysExactOverManyUpdates) {
  // Against the product written out, at an iteration past the point from which it is shortened.
  const auto nadam = make_optimizer(Nadam({.beta_1 = 0.99f}));
  for (int64_t updates : {1, 100, 449, 450, 451, 600}) {
    double product = 1;
    for (int64_t t = 1; t <= updates; ++t) product *= 0.99 * (1 - 0.5 * std::pow(0.96, static_cast<double>(t)));
    UpdateScalars scalars{.learning_rate = 0.01, .iteration = updates - 1};
    nadam->begin(scalars);
    EXPECT_NEAR(1 - scalars.own[3], product, 1e-7 * product + 1e-16) << updates;
  }
}

TEST(Optimizers, EveryOneGoesDownhillOnVariablesOfAnyShape) {
  for (const std::string& name : Registry<Optimizer>::instance().names())
    for (const Config& example : Registry<Optimizer>::instance().find(name)->examples)
      for (const Shape& shape : {Shape{}, Shape{7}, Shape{4, 5}, Shape{40, 3}, Shape{2, 3, 4, 5}}) {
        SCOPED_TRACE(name + " " + example.text() + " " + shape.text());
        Config config = example;
        config.set("learning_rate", name == "Adadelta" ? 1.0 : 0.01);
        std::vector<float> w(static_cast<size_t>(shape.count()));
        for (size_t i = 0; i < w.size(); ++i) w[i] = std::sin(static_cast<float>(i + 1));
        Trainer trainer(Spec(name, config), {w}, shape);
        const auto height = [&] { return Trainer::norm(trainer.weights[0]); };
        const float before = height();
        for (int step = 0; step < 20; ++step) trainer.step({trainer.weights[0]});
        EXPECT_LT(height(), before);
        for (float value : trainer.weights[0]) ASSERT_TRUE(std::isfinite(value));
      }
}

TEST(Optimizers, EveryOneIsMadeAgainFromItsConfig) {
  for (const std::string& name : Registry<Optimizer>::instance().names())
    for (const Config& example : Registry<Optimizer>::instance().find(name)->examples) {
      const auto optimizer = make_optimizer(Spec(name, example));
      EXPECT_EQ(optimizer->class_name(), name);
      EXPECT_EQ(make_optimizer(Spec(name, optimizer->config()))->config(), optimizer->config());
    }
  const auto scheduled =
      make_optimizer(Adam({.schedule = CosineDecay({.initial_learning_rate = 0.5f, .decay_steps = 10})}));
  ASSERT_NE(scheduled->schedule(), nullptr);
  EXPECT_EQ(scheduled->config().at("learning_rate").at("class_name").as_string(), "CosineDecay");
  EXPECT_EQ(make_optimizer(Spec("Adam", scheduled->config()))->schedule()->rate(0), 0.5);
  EXPECT_EQ(
      make_optimizer("adam")->config().text(),
      R"({"name": "adam", "learning_rate": 0.001, "weight_decay": null, "clipnorm": null, "global_clipnorm": null, "clipvalue": null, )"
      R"("use_ema": false, "ema_momentum": 0.99, "ema_overwrite_frequency": null, "loss_scale_factor": null, )"
      R"("gradient_accumulation_steps": null, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07, "amsgrad": false})");
}

TEST(Optimizers, WeightDecayKeepsItsDefaultAndItsAbsence) {
  EXPECT_EQ(make_optimizer("adamw")->options().weight_decay, 0.004);
  EXPECT_EQ(make_optimizer(AdamW({.weight_decay = 0.0f}))->options().weight_decay, 0.0);
  EXPECT_EQ(make_optimizer(AdamW({.common = {.weight_decay = 0.5f}}))->options().weight_decay, 0.5);
  EXPECT_EQ(make_optimizer("adam")->options().weight_decay, 0.0);
}

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) { return error.what(); }
  return "no error";
}

TEST(Optimizers, BadArgumentsNameThePlaceTheRuleAndTheValue) {
  EXPECT_EQ(message_of([] { make_optimizer(Adam({.common = {.clipnorm = 1.0f, .clipvalue = 1.0f}})); }),
            "[adam] at most one of clipnorm, global_clipnorm and clipvalue may be set. Got 2.");
  EXPECT_EQ(message_of([] { make_optimizer(SGD({.momentum = 1.5f})); }), "[SGD] momentum must lie in [0, 1]. Got 1.5.");
  EXPECT_NE(message_of([] { make_optimizer("adm"); }).find("Did you mean \"Adam\""), std::string::npos);
  EXPECT_NE(message_of([] {
              make_optimizer(Spec("SGD", Config::object({{"momentun", 0.9}})));
            }).find("Did you mean \"momentum\""),
            std::string::npos);
  EXPECT_NE(message_of([] { make_optimizer(SGD({.common = {.gradient_accumulation_steps = 1}})); }).find("2 or more"),
            std::string::npos);
  EXPECT_NE(message_of([] { make_optimizer(Adam({.beta_1 = 1.0f})); }).find("[0, 1)"), std::string::npos);
  EXPECT_NE(message_of([] { make_optimizer(Adam({.learning_rate = -1.0f})); }).find("-1"), std::string::npos);
}

}  // namespace
}  // namespace batchwise
