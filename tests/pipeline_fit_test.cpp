// Keras's rules for data that comes one element after another: steps, exhaustion, validation, weights; and its faults.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

#include "saving/weights_hash.h"

namespace batchwise {
namespace {

Array row(int64_t i) { return Array::from<float>({static_cast<float>(i % 7) - 3, static_cast<float>(i % 5) - 2}, {2}); }

Generator<std::pair<Array, float>> numbers(int64_t count) {
  for (int64_t i = 0; i < count; ++i) co_yield {row(i), static_cast<float>(i % 3)};
}

// What is left, in every pass.
Generator<std::pair<Array, float>> rest(std::shared_ptr<int64_t> left) {
  for (; *left > 0; --*left) co_yield {row(*left), static_cast<float>(*left % 3)};
}

Dataset streamed(int64_t count) {
  return from_range([count] { return numbers(count); });
}

Dataset stored(int64_t count) {
  Array x(DType::Float32, {count, 2}), y(DType::Float32, {count});
  for (int64_t i = 0; i < count; ++i) {
    std::copy_n(row(i).data<float>(), 2, x.data<float>() + 2 * i);
    y.data<float>()[i] = static_cast<float>(i % 3);
  }
  return Dataset(x, y);
}

Model line() {
  Model model = Sequential({Input({2}), Dense({.units = 1})});
  model.compile({.optimizer = SGD({.learning_rate = 0.01f}), .loss = "mse", .metrics = {"mae"}});
  model.initialize(1);
  return model;
}

struct Seen final : Callback {
  std::vector<std::string> messages;
  int64_t batches = 0;
  void on_message(const std::string& text) override { messages.push_back(text); }
  void on_train_batch_end(int64_t, const Logs&, RunControl&) override { ++batches; }
  bool says(const std::string& part) const {
    for (const std::string& text : messages)
      if (text.find(part) != std::string::npos) return true;
    return false;
  }
};

FitOptions options_of(std::shared_ptr<Callback> callback = nullptr) {
  FitOptions options;
  options.batch_size = 8;
  options.epochs = 2;
  options.verbose = 0;
  options.shuffle = Shuffle::No;
  if (callback) options.callbacks = {std::move(callback)};
  return options;
}

TEST(PipelineFit, AStreamTrainsAsItsArraysDo) {
  Model a = line(), b = line();
  FitOptions options = options_of();
  options.validation_data = stored(13);
  const History stored_history = a.fit(stored(50), options);
  options.validation_data = streamed(13);
  const History history = b.fit(streamed(50), options);
  EXPECT_EQ(weights_sha256(a), weights_sha256(b));
  EXPECT_EQ(stored_history["loss"], history["loss"]);
  EXPECT_EQ(stored_history["val_mae"].size(), 2u);
  for (size_t e = 0; e < 2; ++e) EXPECT_NEAR(stored_history["val_mae"][e], history["val_mae"][e], 1e-6);
  const Logs one = a.evaluate(stored(50)), two = b.evaluate(streamed(50).batch(7));
  for (size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(one[i].second, two[i].second, 1e-6);
  const Array p = a.predict(stored(50)), q = b.predict(streamed(50));
  ASSERT_EQ(p.shape(), q.shape());
  for (int64_t i = 0; i < p.count(); ++i) EXPECT_EQ(p.data<float>()[i], q.data<float>()[i]);
}

TEST(PipelineFit, StepsPerEpochGoOnWhereTheLastEpochEnded) {
  const auto seen = std::make_shared<Seen>();
  Model a = line(), b = line();
  FitOptions options = options_of(seen);
  options.epochs = 5;
  options.steps_per_epoch = 2;
  a.fit(streamed(80), options);
  EXPECT_EQ(seen->batches, 10);
  EXPECT_FALSE(seen->says("ran out of data"));
  options = options_of();
  options.epochs = 1;
  b.fit(stored(80), options);
  EXPECT_EQ(weights_sha256(a), weights_sha256(b));
}

TEST(PipelineFit, DataThatRunsOutEndsTheEpochWithKerassWarning) {
  FitOptions options = options_of();
  options.epochs = 3;
  options.steps_per_epoch = 4;
  // Of 7 batches 4, 3 and 4, whether it is known that there are 7 or not.
  for (const Dataset& data : {streamed(50), stored(50), streamed(50).filter([](const Element&) { return true; })}) {
    const auto seen = std::make_shared<Seen>();
    options.callbacks = options_of(seen).callbacks;
    const History history = line().fit(data, options);
    EXPECT_EQ(seen->batches, 11);
    EXPECT_EQ(history.epoch.size(), 3u);
    EXPECT_TRUE(seen->says("Your input ran out of data"));
  }
}

// The usual steps_per_epoch = samples / batch_size.
TEST(PipelineFit, StepsThatAreAWholePassChangeNothing) {
  for (const Dataset& data : {stored(48), streamed(48), streamed(48).filter([](const Element&) { return true; })}) {
    Model a = line(), b = line();
    FitOptions options = options_of();
    options.epochs = 3;
    a.fit(data, options);
    const auto seen = std::make_shared<Seen>();
    options.callbacks = options_of(seen).callbacks;
    options.steps_per_epoch = 48 / options.batch_size;
    EXPECT_EQ(b.fit(data, options).epoch.size(), 3u);
    EXPECT_EQ(weights_sha256(a), weights_sha256(b));
    EXPECT_FALSE(seen->says("Your input ran out of data"));
  }
}

TEST(PipelineFit, AGeneratorThatCanBeGoneThroughOnceEndsTrainingAfterItsPass) {
  const auto left = std::make_shared<int64_t>(20);
  const Dataset once = from_range([left] { return rest(left); });
  auto seen = std::make_shared<Seen>();
  const History history = line().fit(once, options_of(seen));
  EXPECT_EQ(history["loss"].size(), 1u);
  EXPECT_EQ(seen->batches, 3);
  EXPECT_TRUE(seen->says("Your input ran out of data; interrupting training."));
}

TEST(PipelineFit, DataThatGiveNoSampleAreRefused) {
  const Dataset none = streamed(20).filter([](const Element&) { return false; });
  EXPECT_THROW(line().fit(none, options_of()), Error);
  FitOptions steps = options_of();
  steps.steps_per_epoch = 4;
  EXPECT_THROW(line().fit(none.repeat(3), steps), Error);
}

TEST(PipelineFit, EndlessDataNeedsSteps) {
  FitOptions options = options_of();
  EXPECT_THROW(line().fit(streamed(5).repeat().batch(2).take(-1).map([](const Element& e) { return e; }), options),
               Error);
  EXPECT_THROW(line().fit(stored(5).repeat(), options), Error);
  const auto seen = std::make_shared<Seen>();
  options = options_of(seen);
  options.steps_per_epoch = 3;
  line().fit(stored(5).repeat(), options);
  EXPECT_EQ(seen->batches, 6);
  EXPECT_THROW(line().predict(stored(5).repeat()), Error);
  EXPECT_THROW(line().evaluate(stored(5).repeat()), Error);
  EXPECT_NO_THROW(line().evaluate(stored(5).repeat(), {.steps = 2}));
}

// A generator that counts what it gave, and fails where one that waits for its next sample would hang.
Dataset at_most(int64_t allowed, const std::shared_ptr<std::atomic<int64_t>>& given) {
  const std::vector<Column> columns = {{"", {2}, DType::Float32}, {"", {}, DType::Float32}};
  return Dataset::from_generator(
      [allowed, given] {
        return [allowed, given, i = int64_t{0}](Element& element) mutable {
          require(i < allowed, "generator", "no more samples are asked for than ", allowed, ". Got one more.");
          element = {row(i), Array::from<float>({static_cast<float>(i % 3)}, {})};
          *given = std::max<int64_t>(*given, ++i);
          return true;
        };
      },
      columns);
}

TEST(PipelineFit, NoMoreIsReadThanTheStepsNeed) {
  const auto given = std::make_shared<std::atomic<int64_t>>(0);
  FitOptions options = options_of();
  options.steps_per_epoch = 3;
  line().fit(at_most(2 * 3 * 8, given), options);
  EXPECT_EQ(*given, 2 * 3 * 8);
  // Where the data says how many there are, nobody looks whether there is another.
  line().fit(at_most(20, given).assert_cardinality(20), options_of());
  *given = 0;
  EXPECT_NO_THROW(line().evaluate(at_most(16, given), {.batch_size = 4, .steps = 4}));
  EXPECT_EQ(*given, 16);
  Model model = line();
  EXPECT_EQ(model.predict(at_most(20, given).assert_cardinality(20)).rows(), 20);
  options.validation_data = at_most(10, given);
  options.validation_steps = 2;
  options.validation_batch_size = 5;
  EXPECT_NO_THROW(model.fit(stored(48), options));
}

TEST(PipelineFit, TheThirdElementIsTheSampleWeight) {
  Array weights(DType::Float32, {30});
  for (int64_t i = 0; i < 30; ++i) weights.data<float>()[i] = static_cast<float>(i % 4);
  const Batch all = stored(30).read(0, 30);
  const Dataset arrays(all.x[0], all.y[0], weights);
  Model a = line(), b = line();
  a.fit(arrays, options_of());
  b.fit(Dataset::zip({streamed(30), Dataset::from_tensor_slices({weights})}), options_of());
  EXPECT_EQ(weights_sha256(a), weights_sha256(b));
  FitOptions options = options_of();
  options.class_weight = {{0, 2.0}};
  EXPECT_THROW(line().fit(Dataset::zip({streamed(30), Dataset::from_tensor_slices({weights})}), options), Error);
}

TEST(PipelineFit, ClassWeightsWorkOnStreams) {
  FitOptions options = options_of();
  options.class_weight = {{0, 2.0}, {1, 0.5}};
  Model a = line(), b = line();
  a.fit(stored(30), options);
  b.fit(streamed(30).batch(4), options);
  EXPECT_EQ(weights_sha256(a), weights_sha256(b));
}

TEST(PipelineFit, AValidationSplitNeedsSamplesByNumber) {
  FitOptions options = options_of();
  options.validation_split = 0.2;
  EXPECT_THROW(line().fit(streamed(30), options), Error);
  const History history = line().fit(stored(30).batch(4).prefetch(), options);
  EXPECT_EQ(history["val_loss"].size(), 2u);
}

TEST(PipelineFit, AnOrderDecidedByAStageIsNotShuffledAgain) {
  FitOptions options = options_of();
  options.shuffle = Shuffle::Yes;
  Model a = line(), b = line();
  const Dataset shuffled = stored(40).shuffle({.seed = 9});
  a.fit(shuffled, options);
  options.shuffle = Shuffle::No;
  b.fit(shuffled, options);
  EXPECT_EQ(weights_sha256(a), weights_sha256(b));
}

TEST(PipelineFit, AWorkerThatThrowsEndsTheRunWithItsError) {
  for (const int64_t workers : {0, 3}) {
    const auto bad = [](const Element& element) {
      require(element[0].data<float>()[0] < 3, "augment", "the sample must be good. Got a bad one.");
      return element;
    };
    Model model = line();
    try {
      model.fit(streamed(50).map(bad, {.num_parallel_calls = workers}).prefetch(2), options_of());
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) { EXPECT_NE(std::string(error.what()).find("[augment]"), std::string::npos); }
    EXPECT_THROW(model.fit(stored(50).map(bad), options_of()), Error);
    EXPECT_NO_THROW(model.fit(stored(3), options_of()));  // the model is as after the last whole step
  }
}

TEST(PipelineFit, SamplesOfAnotherShapeAreRefused) {
  const auto uneven = [] {
    return Dataset::from_generator([]() -> Dataset::Next {
      return [i = 0](Element& element) mutable {
        element = {Array(DType::Float32, {++i < 20 ? 2 : 3}), Array(DType::Float32, {})};
        return i < 40;
      };
    });
  };
  EXPECT_THROW(line().fit(uneven(), options_of()), Error);
  EXPECT_THROW(line().fit(Dataset::range(5), options_of()), Error);
  EXPECT_THROW(line().fit(streamed(0), options_of()), Error);
}

TEST(PipelineFit, TheReportSaysWhoWaitedForWhomAndWhatToChange) {
  const auto slow = [](const Element& element) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return element;
  };
  auto seen = std::make_shared<Seen>();
  const History alone = line().fit(streamed(40).map(slow), options_of(seen));
  EXPECT_GT(alone.data_seconds, 0.08);
  EXPECT_TRUE(seen->says("num_parallel_calls"));
  seen = std::make_shared<Seen>();
  const History helped = line().fit(streamed(40).map(slow, {.num_parallel_calls = 4}), options_of(seen));
  ASSERT_EQ(helped.pipeline.size(), 1u);
  EXPECT_EQ(helped.pipeline[0].name, "map");
  EXPECT_GE(helped.pipeline[0].elements, 80);
  EXPECT_EQ(helped.pipeline[0].workers, 4);
  EXPECT_TRUE(seen->says("map: "));
  seen = std::make_shared<Seen>();
  const History lanes = line().fit(stored(40).map(slow), options_of(seen));
  EXPECT_EQ(lanes.pipeline.back().elements, 80);
  EXPECT_TRUE(seen->says("reading in the lanes"));
  // Arrays have nothing to say.
  seen = std::make_shared<Seen>();
  line().fit(stored(40), options_of(seen));
  EXPECT_TRUE(seen->messages.empty());
}

TEST(PipelineFit, AStreamIsHeldTwiceWhereItFitsAndOnceWhereItDoesNotToTheSameBits) {
  const Dataset wide = from_range([] { return numbers(700); }).map([](const Element& e) {
    Array x(DType::Float32, {4096});
    std::copy_n(e[0].data<float>(), 2, x.data<float>());
    return Element{x, e[1]};
  });
  const auto run = [&](int64_t memory, std::string* hash) {
    Model model = Sequential({Input({4096}), Dense({.units = 1})});
    model.compile({.optimizer = SGD({.learning_rate = 1e-3f}), .loss = "mse"});
    model.initialize(1);
    FitOptions options = options_of();
    options.batch_size = 512;
    options.memory = memory;
    options.lanes = 1;
    const Plan plan = model.plan({.batch_size = 512, .memory = memory, .lanes = 1, .data = &wide});
    const Plan used = model.fit(wide, options).plan;
    EXPECT_EQ(plan.bytes[ByteClass::Pipeline], used.bytes[ByteClass::Pipeline]);
    *hash = weights_sha256(model);
    return used;
  };
  std::string much, little;
  const int64_t one_batch = 512 * (4096 + 1) * 4;
  const Plan roomy = run(GiB(1), &much);
  const int64_t too_small = roomy.peak_bytes - one_batch / 2;
  const Plan tight = run(too_small, &little);
  EXPECT_EQ(roomy.bytes[ByteClass::Pipeline] - tight.bytes[ByteClass::Pipeline], one_batch);
  EXPECT_LE(tight.peak_bytes, too_small);
  EXPECT_EQ(much, little);
}

TEST(PipelineFit, TheMemoryOfThePipelineIsInThePlan) {
  const Dataset plain = streamed(500);
  const auto pipeline = [](const Dataset& data) {
    return line().plan({.batch_size = 64, .data = &data}).bytes[ByteClass::Pipeline];
  };
  const int64_t sample = 3 * 4, buffer = pipeline(plain);
  EXPECT_GE(buffer, 64 * sample);
  EXPECT_EQ(pipeline(plain.shuffle(100)), buffer + 100 * sample);
  EXPECT_EQ(pipeline(plain.prefetch(10)), buffer + 10 * sample);
  const Dataset costly = stored(500).map([](const Element& e) { return e; });
  const Dataset arrays = stored(500);
  EXPECT_GT(pipeline(costly), pipeline(arrays));
  // What lanes read into does not grow with the batch.
  const auto of_batch = [&](int64_t batch_size) {
    return line().plan({.batch_size = batch_size, .lanes = 1, .grain = 64, .data = &costly}).bytes[ByteClass::Pipeline];
  };
  EXPECT_EQ(of_batch(4096), of_batch(1 << 20));
}

}  // namespace
}  // namespace batchwise
