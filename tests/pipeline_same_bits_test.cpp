// How samples are brought changes speed, never results: the same bits of weights whatever the loader's batch, workers,
// prefetching, caches and budget, and when a run is killed in mid-epoch and resumed with other ones.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

#include "saving/weights_hash.h"

namespace batchwise {
namespace {

constexpr int64_t kSamples = 203, kWidth = 6;

Array sample_of(int64_t i) {
  Array x(DType::Float32, {kWidth});
  for (int64_t k = 0; k < kWidth; ++k)
    x.data<float>()[k] = static_cast<float>(((i + 1) * (k + 3) * 37) % 101) / 50.0f - 1.0f;
  return x;
}

struct Rows {
  int64_t size() const { return kSamples; }
  std::pair<Array, int64_t> get(int64_t i) const { return {sample_of(i), i * i % 3}; }
};

// Noise addressed by the sample: which thread adds it does not matter.
Element augmented(const Element& element, const Address& address) {
  Array x = element[0].clone();
  x.data<float>()[0] += static_cast<float>(address.key() % 1000) * 1e-3f;
  return {x, element[1]};
}

Generator<Batch> batches_of_varying_size() {
  for (int64_t first = 0, round = 0; first < kSamples; ++round) {
    const int64_t count = std::min<int64_t>(1 + round * 7 % 19, kSamples - first);
    Batch batch;
    batch.x.emplace_back(DType::Float32, Shape{count, kWidth});
    batch.y.emplace_back(DType::Int64, Shape{count});
    for (int64_t r = 0; r < count; ++r) {
      const Array x = sample_of(first + r);
      std::copy_n(x.data<float>(), kWidth, batch.x[0].data<float>() + r * kWidth);
      batch.y[0].data<int64_t>()[r] = (first + r) * (first + r) % 3;
    }
    co_yield batch;
    first += count;
  }
}

Model small_model() {
  Model model =
      Sequential({Input({kWidth}), Dense({.units = 16, .activation = "relu"}), Dropout(0.2), Dense({.units = 3})});
  model.compile({.optimizer = Adam({.learning_rate = 1e-2f}),
                 .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                 .metrics = {"accuracy"}});
  model.initialize(3);
  return model;
}

FitOptions options_of(int lanes = 0, int64_t memory = 0) {
  FitOptions options;
  options.batch_size = 32;
  options.epochs = 3;
  options.seed = 11;
  options.verbose = 0;
  options.lanes = lanes;
  options.memory = memory;
  return options;
}

std::string trained(const Dataset& data, const FitOptions& options = options_of()) {
  Model model = small_model();
  model.fit(data, options);
  return weights_sha256(model);
}

struct Folder : ::testing::Test {
  void SetUp() override {
    folder = (std::filesystem::temp_directory_path() / ("batchwise-pipeline-" + std::to_string(::getpid()))).string();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string folder;
};

using PipelineSameBits = Folder;

// Samples by number: fit shuffles, and lanes read what they need.
TEST_F(PipelineSameBits, OfSamplesByNumber) {
  const Dataset rows = from_samples(Rows{}).map(augmented, {.seed = 4});
  const std::string wanted = trained(rows);
  int runs = 1;
  for (const int64_t loader_batch : {0, 1, 7, 64, 1000})
    for (const int64_t prefetch : {int64_t{0}, int64_t{3}, kAutotune})
      for (const int lanes : {1, 2, 3}) {
        Dataset data = loader_batch > 0 ? rows.batch(loader_batch) : rows;
        data = data.prefetch(prefetch);
        EXPECT_EQ(trained(data, options_of(lanes, MiB(64 + 10 * lanes))), wanted)
            << loader_batch << " " << prefetch << " " << lanes;
        ++runs;
      }
  for (const int64_t workers : {int64_t{0}, int64_t{1}, int64_t{3}, kAutotune}) {
    EXPECT_EQ(trained(from_samples(Rows{}).map(augmented, {.num_parallel_calls = workers, .seed = 4})), wanted);
    EXPECT_EQ(trained(DataLoader(rows, {.batch_size = 5, .num_workers = workers})), wanted);
    runs += 2;
  }
  EXPECT_GE(runs, 30);
  EXPECT_NE(trained(from_samples(Rows{}).map(augmented, {.seed = 5})), wanted);
}

// Samples one after another: shuffled through a buffer, cut into training batches.
TEST_F(PipelineSameBits, OfStreams) {
  const auto stream = [](int64_t workers) {
    return from_samples(Rows{})
        .shuffle({.buffer_size = 40, .seed = 2})
        .map(augmented, {.num_parallel_calls = workers, .seed = 4});
  };
  const std::string wanted = trained(stream(0));
  int runs = 1;
  for (const int64_t workers : {int64_t{0}, int64_t{1}, int64_t{2}, int64_t{5}, kAutotune})
    for (const int64_t loader_batch : {0, 1, 9, 500})
      for (const int64_t prefetch : {int64_t{0}, int64_t{2}, kAutotune}) {
        const Dataset data = loader_batch > 0 ? stream(workers).batch(loader_batch) : stream(workers);
        EXPECT_EQ(trained(data.prefetch(prefetch), options_of(1 + runs % 3, MiB(60 + runs % 20))), wanted)
            << workers << " " << loader_batch << " " << prefetch;
        ++runs;
      }
  EXPECT_GE(runs, 30);
}

TEST_F(PipelineSameBits, WithAndWithoutCaches) {
  const auto plain = [](const Element& element) { return Element{element[0].clone(), element[1]}; };
  const Dataset rows = from_samples(Rows{}).map(plain);
  EXPECT_EQ(trained(rows.cache()), trained(rows));
  const Dataset stream = rows.filter([](const Element&) { return true; });
  const std::string wanted = trained(stream);
  EXPECT_EQ(trained(stream.cache()), wanted);
  EXPECT_EQ(trained(stream.cache(folder + "/cache")), wanted);
  EXPECT_EQ(trained(stream.cache(folder + "/cache")), wanted);  // read back
  EXPECT_EQ(trained(stream.batch(10).cache()), wanted);
}

TEST_F(PipelineSameBits, OfAGeneratorsBatchesOfAnySize) {
  const std::string wanted = trained(from_samples(Rows{}).filter([](const Element&) { return true; }));
  EXPECT_EQ(trained(from_range(batches_of_varying_size)), wanted);
  EXPECT_EQ(trained(from_range(batches_of_varying_size).prefetch(2)), wanted);
  EXPECT_EQ(trained(from_range(batches_of_varying_size).rebatch(50)), wanted);
  EXPECT_EQ(trained(from_range(batches_of_varying_size).unbatch()), wanted);
}

// A child that trains and is killed in the middle; then one that goes on with another loader.
std::string killed_and_resumed(const std::string& folder, const Dataset& first, const Dataset& second, int after) {
  FitOptions options = options_of();
  options.checkpoint = {.directory = folder, .every_steps = 1, .resume = true};
  const pid_t child = ::fork();
  if (child == 0) {
    struct Kill final : Callback {
      int left;
      explicit Kill(int steps) : left(steps) {}
      void on_train_batch_end(int64_t, const Logs&, RunControl&) override {
        if (--left == 0) ::raise(SIGKILL);
      }
    };
    options.callbacks = {std::make_shared<Kill>(after)};
    trained(first, options);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  options.callbacks.clear();
  return trained(second, options);
}

TEST_F(PipelineSameBits, OfRunsKilledInMidEpochAndResumedWithAnotherLoader) {
  const Dataset rows = from_samples(Rows{}).map(augmented, {.seed = 4});
  const auto stream = [](int64_t workers) {
    return from_samples(Rows{})
        .shuffle({.buffer_size = 40, .seed = 2})
        .map(augmented, {.num_parallel_calls = workers, .seed = 4});
  };
  int run = 0;
  const auto check = [&](const Dataset& first, const Dataset& second) {
    const std::string wanted = trained(first);
    for (const int after : {1, 3, 7, 9, 16})
      EXPECT_EQ(killed_and_resumed(folder + "/" + std::to_string(run++), first, second, after), wanted) << after;
  };
  check(rows, rows.batch(11).prefetch(2));
  check(stream(0), stream(3).batch(50).prefetch(4));
  check(stream(2).batch(8), stream(0));
  check(from_range(batches_of_varying_size), from_range(batches_of_varying_size).rebatch(17).prefetch(2));
}

TEST_F(PipelineSameBits, OtherDataIsRefusedAtAResume) {
  const auto of = [](float shift) {
    return from_samples(kSamples, [shift](int64_t i) {
      Array x = sample_of(i);
      x.data<float>()[0] += shift;
      return Element{x, Array::from<int64_t>({i % 3}, {})};
    });
  };
  const auto always = [](const Element&) { return true; };
  for (const bool streamed : {false, true}) {
    FitOptions options = options_of();
    options.epochs = 1;
    options.checkpoint = {.directory = folder + (streamed ? "/streamed" : "/rows"), .resume = true};
    trained(streamed ? of(0).filter(always) : of(0), options);
    options.epochs = 2;
    try {
      trained(streamed ? of(0.5f).filter(always) : of(0.5f), options);
      ADD_FAILURE() << "other data was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Input);
      EXPECT_NE(std::string(error.what()).find("other samples"), std::string::npos) << error.what();
    }
    EXPECT_NO_THROW(trained(streamed ? of(0).filter(always) : of(0), options));
  }
}

TEST_F(PipelineSameBits, OneChangedRowOfManyIsSeenAtAResume) {
  const auto data = [](float shift) {
    Array x(DType::Float32, {kSamples, kWidth}), y(DType::Int64, {kSamples});
    x.data<float>()[101 * kWidth] += shift;
    return Dataset(x, y);
  };
  FitOptions options = options_of();
  options.epochs = 1;
  options.checkpoint = {.directory = folder + "/rows", .resume = true};
  trained(data(0), options);
  options.epochs = 2;
  EXPECT_THROW(trained(data(1), options), Error);
  EXPECT_NO_THROW(trained(data(0), options));
}

struct Messages final : Callback {
  std::string all;
  void on_message(const std::string& text) override { all += text + "\n"; }
};

TEST_F(PipelineSameBits, FilesThatChangedAreRefusedAtAResumeUnlessTheyWereOnlyCopied) {
  namespace fs = std::filesystem;
  const std::string photos = folder + "/photos";
  fs::create_directories(photos);
  fs::copy(std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/image-folder/photos/ants", photos + "/ants",
           fs::copy_options::recursive);
  const auto run = [&](int64_t epochs, bool copied = false) {
    const auto messages = std::make_shared<Messages>();
    Model model = Sequential({Input({8, 8, 3}), Flatten(), Dense({.units = 1})});
    model.compile({.optimizer = SGD({.learning_rate = 1e-6f}), .loss = "mse"});
    model.initialize(1);
    FitOptions options = options_of();
    options.epochs = epochs;
    options.callbacks = {messages};
    options.checkpoint = {.directory = folder + "/run", .resume = true, .allow_changed_files = copied};
    model.fit(image_dataset_from_directory(photos, {.image_size = {8, 8}}), options);
    return messages->all;
  };
  run(1);
  EXPECT_EQ(run(2).find("times of change"), std::string::npos);
  for (const auto& entry : fs::recursive_directory_iterator(photos))
    if (entry.is_regular_file()) {
      fs::last_write_time(entry.path(), entry.last_write_time() - std::chrono::hours(1));
      break;
    }
  EXPECT_THROW(run(3), Error);
  EXPECT_NE(run(3, true).find("have other sizes or times of change"), std::string::npos);
}

}  // namespace
}  // namespace batchwise
