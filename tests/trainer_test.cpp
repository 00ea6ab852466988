// A loop of one's own, evaluation and prediction: results do not depend on how samples were grouped.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/counted_memory.h"
#include "tests/small_models.h"

namespace batchwise {
namespace {

double largest_difference(const Model& a, const Model& b) {
  double most = 0;
  const auto left = a.weights(), right = b.weights();
  for (size_t v = 0; v < left.size(); ++v)
    for (size_t i = 0; i < left[v]->value.size(); ++i)
      most = std::max(most, std::abs(static_cast<double>(left[v]->value[i]) - right[v]->value[i]));
  return most;
}

double change(const Model& model, const SmallModel& subject) { return largest_difference(model, subject.make()); }

// One update from `samples` samples, given in parts of the sizes in turn; then another.
Model trained_in_parts(const SmallModel& subject, int64_t samples, const std::vector<int64_t>& sizes, int lanes) {
  Model model = subject.make();
  const Dataset data = subject.data(2 * samples);
  FitOptions options;
  options.batch_size = 64;
  options.seed = 4;
  options.lanes = lanes;
  Trainer trainer(model, options);
  for (int update = 0; update < 2; ++update) {
    size_t turn = 0;
    for (int64_t first = 0; first < samples;) {
      const int64_t count = std::min(sizes[turn++ % sizes.size()], samples - first);
      trainer.accumulate(data.read(update * samples + first, count));
      first += count;
    }
    EXPECT_EQ(trainer.samples(), samples);
    trainer.apply();
    EXPECT_EQ(trainer.samples(), 0);
  }
  trainer.finish();
  return model;
}

TEST(Trainer, AccumulatingInOddSizesEqualsOneBigBatch) {
  for (SmallModel subject : {small_mlp(), small_cnn_dropout(), small_graph(), small_penalised()}) {
    subject.settings.optimizer = SGD({.learning_rate = 0.1f, .momentum = 0.9f});
    Model whole = subject.make();
    FitOptions options;
    options.batch_size = 61;
    options.seed = 4;
    options.shuffle = Shuffle::No;
    options.verbose = 0;
    whole.fit(subject.data(122), options);
    EXPECT_GT(change(whole, subject), 1e-4) << subject.name;
    for (const std::vector<int64_t>& sizes : {std::vector<int64_t>{61}, {1}, {7, 3, 13}, {32}, {5, 60}})
      for (int lanes : {1, 3})
        EXPECT_LT(largest_difference(trained_in_parts(subject, 61, sizes, lanes), whole), 1e-6)
            << subject.name << ", parts of " << sizes.front();
  }
}

TEST(Trainer, CutsABatchThatIsLargerThanItsBatchSize) {
  SmallModel subject = small_mlp();
  subject.settings.optimizer = SGD({.learning_rate = 0.1f});
  EXPECT_LT(largest_difference(trained_in_parts(subject, 150, {150}, 2), trained_in_parts(subject, 150, {50}, 2)),
            1e-6);
}

TEST(Trainer, ForgetsWhatWasDiscarded) {
  const SmallModel subject = small_mlp();
  const Dataset data = subject.data(40);
  const auto trained = [&](bool discards) {
    Model model = subject.make();
    Trainer trainer(model, {.batch_size = 20});
    if (discards) {
      trainer.accumulate(data.read(0, 20));
      trainer.discard();
    }
    trainer.accumulate(data.read(20, 20));
    trainer.apply();
    trainer.finish();
    return model;
  };
  EXPECT_EQ(largest_difference(trained(true), trained(false)), 0.0);
}

std::string refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) { return error.what(); }
  return "";
}

// Weights and little else: what is held of their size shows.
Model wide_model() {
  Model model = Sequential({Input({64}), Dense({.units = 2000}), Dense({.units = 1})});
  model.compile({.optimizer = SGD(), .loss = MeanSquaredError()});
  model.initialize(1);
  return model;
}

TEST(Trainer, PlansTheGradientsThatItCarriesTwice) {
  Model model = wide_model();
  const Batch batch = Dataset(waves({8, 64}, 0.1), waves({8, 1}, 0.2)).read(0, 8);
  const auto smallest = [](const std::function<void()>& work) {
    try {
      work();
    } catch (const BudgetError& error) { return error.smallest_budget; }
    ADD_FAILURE() << "it fits";
    return int64_t{0};
  };
  const int64_t fit = smallest(
      [&] { model.fit(Dataset(batch.x, batch.y), {.batch_size = 8, .memory = MiB(1), .lanes = 1, .verbose = 0}); });
  const int64_t own = smallest([&] {
    Trainer trainer(model, {.batch_size = 8, .memory = MiB(1), .lanes = 1});
    trainer.accumulate(batch);
  });
  EXPECT_NEAR(static_cast<double>(own - fit), 2.0 * 4 * static_cast<double>(model.num_parameters()), 100e3);
}

#ifdef BATCHWISE_COUNTS_MEMORY
TEST(Trainer, TakesNoMemoryOfTheSizeOfTheWeightsAfterItsFirstBatch) {
  Model model = wide_model();
  const Dataset data(waves({40, 64}, 0.1), waves({40, 1}, 0.2));
  Trainer trainer(model, {.batch_size = 8, .lanes = 1});
  const Batch small = data.read(0, 8), large = data.read(0, 40);
  trainer.accumulate(small);
  const CountedMemory counted;
  for (const Batch& batch : {small, large, small}) trainer.accumulate(batch);
  trainer.apply();
  trainer.accumulate(small);
  counted.text();
  EXPECT_LT(MemoryCall::largest.load(), 4 * 64 * 1000) << counted.text();
}
#endif

TEST(Trainer, RefusesOptionsThatItWouldIgnore) {
  Model model = wide_model();
  const std::atomic<bool> interrupt{false};
  const std::vector<std::pair<const char*, FitOptions>> all = {
      {"epochs", {.epochs = 2}},
      {"initial_epoch", {.initial_epoch = 1}},
      {"shuffle", {.shuffle = Shuffle::No}},
      {"validation_split", {.validation_split = 0.5}},
      {"validation_batch_size", {.validation_batch_size = 4}},
      {"validation_freq", {.validation_freq = 2}},
      {"validation_steps", {.validation_steps = 2}},
      {"steps_per_epoch", {.steps_per_epoch = 2}},
      {"callbacks", {.callbacks = {std::make_shared<LambdaCallback>()}}},
      {"checkpoint.directory", {.checkpoint = {.directory = "here"}}},
      {"checkpoint.every_seconds", {.checkpoint = {.every_seconds = 1}}},
      {"checkpoint.every_steps", {.checkpoint = {.every_steps = 1}}},
      {"checkpoint.resume", {.checkpoint = {.resume = true}}},
      {"noise_scale_by_layer", {.noise_scale_by_layer = true}},
      {"profile", {.profile = true}},
      {"interrupt", {.interrupt = &interrupt}}};
  for (const auto& [name, options] : all) {
    const std::string said = refusal([&options = options, &model] { Trainer(model, options); });
    EXPECT_NE(said.find(std::string("Got ") + name + "."), std::string::npos) << name << ": " << said;
  }
}

TEST(Trainer, RefusesToSpreadBatchStatisticsOverParts) {
  for (const SmallModel& subject : {small_cnn_exact(), small_cnn_ghost()}) {
    Model model = subject.make();
    const Dataset data = subject.data(80);
    Trainer trainer(model, {.batch_size = 32});
    trainer.accumulate(data.read(0, 32));
    EXPECT_NE(refusal([&] { trainer.accumulate(data.read(32, 8)); }).find("[Trainer]"), std::string::npos)
        << subject.name;
    EXPECT_EQ(trainer.samples(), 32);
    trainer.apply();
    EXPECT_NE(refusal([&] { trainer.accumulate(data.read(0, 40)); }).find("[Trainer]"), std::string::npos)
        << subject.name;
    trainer.accumulate(data.read(40, 20));
    trainer.apply();
  }
}

TEST(Trainer, RefusesLossesThatAreNoMeansOverSamples) {
  for (const char* reduction : {"sum", "mean_with_sample_weight"}) {
    SmallModel subject = small_mlp();
    subject.settings.loss = SparseCategoricalCrossentropy({.reduction = reduction});
    Model model = subject.make();
    Trainer trainer(model, {.batch_size = 32});
    EXPECT_NE(refusal([&] { trainer.accumulate(subject.data(8).read(0, 8)); }).find("[Trainer]"), std::string::npos)
        << reduction;
  }
}

const std::vector<SmallModel>& all_models() {
  static const std::vector<SmallModel> models{small_mlp(),   small_cnn_dropout(), small_cnn_exact(), small_cnn_ghost(),
                                              small_graph(), small_frozen(),      small_penalised()};
  return models;
}

TEST(Predict, GivesTheSameBitsForAnyLanesMemoryBatchSizeAndWayOfReading) {
  for (const SmallModel& subject : all_models()) {
    Model model = subject.make();
    const Dataset data = subject.data(501);
    const auto predicted = [&](const Dataset& from, const PredictOptions& options) {
      std::vector<std::vector<float>> outputs;
      for (const Array& array : model.predict_outputs(from, options))
        outputs.emplace_back(array.values<float>().begin(), array.values<float>().end());
      return outputs;
    };
    const auto first = predicted(data, {.lanes = 1});
    for (int lanes : {1, 2, 3, 5})
      for (int64_t batch_size : {1, 7, 256}) {
        int64_t smallest = 0;
        try {
          predicted(data, {.batch_size = batch_size, .memory = 1, .lanes = lanes});
        } catch (const BudgetError& refused) { smallest = refused.smallest_budget; }
        EXPECT_GT(smallest, 0);
        EXPECT_EQ(predicted(data, {.batch_size = batch_size, .memory = GiB(2), .lanes = lanes}), first) << subject.name;
        EXPECT_EQ(predicted(streamed(data), {.batch_size = batch_size, .memory = smallest + MiB(2), .lanes = lanes}),
                  first)
            << subject.name;
      }
    // Of one sample alone, and of the end.
    const auto last = predicted(data.slice(500, 1), {});
    for (size_t o = 0; o < first.size(); ++o)
      EXPECT_TRUE(std::equal(last[o].begin(), last[o].end(), first[o].end() - static_cast<int64_t>(last[o].size())))
          << subject.name;
  }
}

TEST(Evaluate, GivesTheSameLogsForAnyLanesMemoryAndBatchSize) {
  for (const SmallModel& subject : all_models()) {
    Model model = subject.make();
    const Dataset data = subject.data(501);
    const Logs first = model.evaluate(data, {.lanes = 1});
    for (int lanes : {1, 2, 3, 5})
      for (int64_t batch_size : {1, 7, 256})
        EXPECT_EQ(model.evaluate(lanes % 2 ? data : streamed(data), {.batch_size = batch_size, .lanes = lanes}), first)
            << subject.name;
  }
}

class PlanOf final : public Callback {
 public:
  void on_plan(const Plan& plan) override { plan_ = plan; }
  Plan plan_;
};

TEST(Predict, TakesNoMoreForMoreSamples) {
  const SmallModel subject = small_cnn_exact();
  Model model = subject.make();
  std::vector<int64_t> arenas;
  for (int64_t samples : {10, 1000, 20000}) {
    const auto seen = std::make_shared<PlanOf>();
    int64_t values = 0;
    model.predict_each(streamed(subject.data(samples)),
                       [&](int, int64_t, const Array& rows) { values += rows.count(); },
                       {.lanes = 2, .callbacks = {seen}});
    EXPECT_EQ(values, samples * 5);
    arenas.push_back(seen->plan_.arena_bytes);
  }
  EXPECT_LE(arenas[0], arenas[1]);  // ten samples are cut smaller
  EXPECT_EQ(arenas[1], arenas[2]);
}

}  // namespace
}  // namespace batchwise
