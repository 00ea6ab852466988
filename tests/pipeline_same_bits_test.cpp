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
  int runs = 0;
  for (const int64_t loader_batch : {0, 1, 7, 64, 1000})
    for (const int64_t prefetch : {int64_t{0}, int64_t{3}, kAutotune}) {
      const int lanes = 1 + runs++ / 2 % 3;
      const Dataset data = (loader_batch > 0 ? rows.batch(loader_batch) : rows).prefetch(prefetch);
      EXPECT_EQ(trained(data, options_of(lanes, MiB(64 + 10 * lanes))), wanted)
          << loader_batch << " " << prefetch << " " << lanes;
    }
  for (const int64_t workers : {int64_t{0}, int64_t{1}, int64_t{3}, kAutotune}) {
    EXPECT_EQ(trained(from_samples(Rows{}).map(augmented, {.num_parallel_calls = workers, .seed = 4})), wanted);
    EXPECT_EQ(trained(DataLoader(rows, {.batch_size = 5, .num_workers = workers})), wanted);
  }
  EXPECT_NE(trained(from_samples(Rows{}).map(augmented, {.seed = 5})), wanted);
}

bool always(const Element&) { return true; }

// Samples one after another: shuffled through a buffer, cut into training batches.
Dataset stream_of(const Dataset& rows, int64_t workers) {
  return rows.filter(always)
      .shuffle({.buffer_size = 40, .seed = 2})
      .map(augmented, {.num_parallel_calls = workers, .seed = 4});
}

TEST_F(PipelineSameBits, OfStreams) {
  const std::string wanted = trained(stream_of(from_samples(Rows{}), 0));
  int runs = 0;
  for (const int64_t workers : {int64_t{0}, int64_t{1}, int64_t{2}, int64_t{5}, kAutotune})
    for (const int64_t loader_batch : {0, 1, 9, 500}) {
      const Dataset stream = stream_of(from_samples(Rows{}), workers);
      const Dataset data = loader_batch > 0 ? stream.batch(loader_batch) : stream;
      const int64_t prefetch = runs % 3 == 2 ? kAutotune : 2 * (runs % 3);
      EXPECT_EQ(trained(data.prefetch(prefetch), options_of(1 + runs / 3 % 3, MiB(60 + runs % 20))), wanted)
          << workers << " " << loader_batch << " " << prefetch;
      ++runs;
    }
}

enum class CacheKind { None, Memory, File, FileThatIsThere };

// Where samples are kept, and how they are brought from there.
struct Bringing {
  CacheKind cache = CacheKind::None;
  int64_t workers = 0, loader_batch = 0, prefetch = 0;
  std::string text() const {
    return "cache " + std::to_string(static_cast<int>(cache)) + ", workers " + std::to_string(workers) +
           ", loader batch " + std::to_string(loader_batch) + ", prefetch " + std::to_string(prefetch);
  }
};

struct CachedPipelines : Folder {
  Dataset cached(const Dataset& data, CacheKind kind) {
    if (kind == CacheKind::None) return data;
    if (kind == CacheKind::Memory) return data.cache();
    return data.cache(folder + (kind == CacheKind::File ? "/cache" + std::to_string(files++) : "/kept"));
  }
  // By number or one after another, augmented behind the cache.
  Dataset pipeline(bool streamed, const Bringing& how) {
    const Dataset rows = from_samples(Rows{});
    const Dataset data = streamed
                             ? stream_of(cached(rows.filter(always), how.cache), how.workers)
                             : cached(rows, how.cache).map(augmented, {.num_parallel_calls = how.workers, .seed = 4});
    return (how.loader_batch > 0 ? data.batch(how.loader_batch) : data).prefetch(how.prefetch);
  }
  int files = 0;
};

TEST_F(CachedPipelines, HaveTheSameBitsForAllWorkersLoaderBatchesAndBudgets) {
  for (const bool streamed : {false, true}) {
    std::filesystem::remove(folder + "/kept");
    const std::string wanted = trained(pipeline(streamed, {}));
    int runs = 0;
    for (const CacheKind cache : {CacheKind::None, CacheKind::Memory, CacheKind::File, CacheKind::FileThatIsThere})
      for (const int64_t workers : {int64_t{0}, int64_t{2}, kAutotune})
        for (const int64_t loader_batch : {0, 7, 300}) {
          const Bringing how{cache, workers, loader_batch, runs % 2 * 3};
          EXPECT_EQ(trained(pipeline(streamed, how), options_of(1 + runs / 2 % 3, MiB(60 + 7 * (runs % 4)))), wanted)
              << (streamed ? "streamed, " : "by number, ") << how.text();
          ++runs;
        }
    EXPECT_GE(runs, 30);
  }
  const Dataset stream = from_samples(Rows{}).filter(always);
  EXPECT_EQ(trained(stream.batch(10).cache()), trained(stream));
}

TEST_F(PipelineSameBits, OfAGeneratorsBatchesOfAnySize) {
  const std::string wanted = trained(from_samples(Rows{}).filter(always));
  EXPECT_EQ(trained(from_range(batches_of_varying_size)), wanted);
  EXPECT_EQ(trained(from_range(batches_of_varying_size).prefetch(2)), wanted);
  EXPECT_EQ(trained(from_range(batches_of_varying_size).rebatch(50)), wanted);
  EXPECT_EQ(trained(from_range(batches_of_varying_size).unbatch()), wanted);
}

// What a loader does without a function, by a function.
Element stacked(const std::vector<Element>& samples) {
  const auto rows = static_cast<int64_t>(samples.size());
  Element batch = {Array(DType::Float32, {rows, kWidth}), Array(DType::Int64, {rows})};
  for (int64_t r = 0; r < rows; ++r) {
    const Element& sample = samples[static_cast<size_t>(r)];
    std::copy_n(sample[0].data<float>(), kWidth, batch[0].data<float>() + r * kWidth);
    batch[1].data<int64_t>()[r] = sample[1].data<int64_t>()[0];
  }
  return batch;
}

// A child that trains and is killed in the middle; then one that goes on with another loader.
std::string killed_and_resumed(const std::string& folder, const Dataset& first, const Dataset& second, int after,
                               int64_t every_steps = 1) {
  FitOptions options = options_of();
  options.checkpoint = {.directory = folder, .every_steps = every_steps, .resume = true};
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
  const auto stream = [](int64_t workers) { return stream_of(from_samples(Rows{}), workers); };
  const auto collated = [&](int64_t loader_batch, int64_t workers) -> Dataset {
    return DataLoader(from_samples(Rows{}), {.batch_size = loader_batch, .num_workers = workers, .collate = stacked});
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
  check(collated(8, 0), collated(5, 2));
}

TEST_F(CachedPipelines, OfKilledRunsAreResumedWithOtherCachesWorkersAndLoaderBatches) {
  const std::vector<Bringing> ways = {{CacheKind::None, 0, 0, 0},
                                      {CacheKind::Memory, 2, 7, 2},
                                      {CacheKind::File, kAutotune, 300, 0},
                                      {CacheKind::FileThatIsThere, 1, 16, 3}};
  int run = 0;
  for (const bool streamed : {false, true}) {
    std::filesystem::remove(folder + "/kept");
    const std::string wanted = trained(pipeline(streamed, ways.back()));  // which fills the cache that is there
    for (const Bringing& first : ways)
      for (const Bringing& second : ways) {
        const int after = 5 + 5 * (run % 3);
        EXPECT_EQ(killed_and_resumed(folder + "/" + std::to_string(run++), pipeline(streamed, first),
                                     pipeline(streamed, second), after, 4),
                  wanted)
            << (streamed ? "streamed, " : "by number, ") << first.text() << " to " << second.text();
      }
  }
}

}  // namespace
}  // namespace batchwise
