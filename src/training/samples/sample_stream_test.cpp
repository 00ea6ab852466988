// Facts of bringing samples to training: streams fill buffers ahead and resume anywhere, trays are read once.
#include "training/samples/sample_stream.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include <batchwise/data_loader.h>

#include "data/stages/rows.h"
#include "training/samples/trays.h"

namespace batchwise {
namespace {

std::vector<int64_t> all_of(SampleStream& stream, int64_t count) {
  std::vector<int64_t> values;
  while (stream.more()) {
    const int64_t filled = stream.fill(count);
    for (int64_t r = 0; r < filled; ++r) {
      int64_t value = 0;
      stream.buffer()->fetch(0, {&r, 1}, &value);
      values.push_back(value);
    }
  }
  return values;
}

TEST(SampleStream, FillsBuffersFromAnyPositionOnWithAndWithoutReadingAhead) {
  const Dataset whole = Dataset::range(53).filter([](const Element&) { return true; });
  for (const bool batches : {false, true})
    for (const bool ahead : {false, true}) {
      SampleStream stream(batches ? whole.batch(7).stage() : whole.stage(), batches, whole.columns(), 10, ahead);
      for (const int64_t position : {0, 1, 9, 10, 52, 53}) {
        stream.start(3, position);
        const std::vector<int64_t> values = all_of(stream, 10);
        ASSERT_EQ(static_cast<int64_t>(values.size()), 53 - position);
        for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], position + static_cast<int64_t>(i));
        EXPECT_EQ(stream.fill(10), 0);
      }
      EXPECT_THROW(stream.start(0, 54), Error);
      stream.start(0, 0);  // and left while it reads ahead
    }
}

TEST(SampleStream, KnowsThePassByItsFirstSample) {
  const Dataset data = Dataset::range(20).shuffle(20), other = Dataset::range(1, 21).shuffle(20);
  SampleStream one(data.stage(), false, data.columns(), 4, true),
      two(data.batch(3).stage(), true, data.columns(), 4, false), three(other.stage(), false, data.columns(), 4, false);
  one.start(5, 0);
  two.start(5, 0);
  three.start(5, 0);
  EXPECT_EQ(one.fingerprint(), two.fingerprint());
  EXPECT_NE(one.fingerprint(), three.fingerprint());
}

// Numbers that a function of batches has seen; 3 is left out where `uneven`.
struct Seen {
  std::mutex mutex;
  std::set<int64_t> numbers;
  bool uneven = false;
  Element look(const std::vector<int64_t>& batch) {
    const std::lock_guard lock(mutex);
    numbers.insert(batch.begin(), batch.end());
    std::vector<int64_t> kept;
    for (const int64_t i : batch)
      if (!uneven || i != 3) kept.push_back(i);
    const auto rows = static_cast<int64_t>(kept.size());
    return {Array::from(kept, {rows})};
  }
};

TEST(SampleStream, MakesNoBatchAgainThatLiesBeforeItsPosition) {
  const auto collated = [](Seen& seen, int64_t rows, int64_t workers) -> Dataset {
    const auto collate = [&seen](const std::vector<Element>& samples) {
      std::vector<int64_t> batch;
      for (const Element& sample : samples) batch.push_back(sample[0].data<int64_t>()[0]);
      return seen.look(batch);
    };
    return DataLoader(Dataset::range(103), {.batch_size = rows, .num_workers = workers, .collate = collate});
  };
  const auto mapped = [](Seen& seen, int64_t rows, int64_t workers) {
    const auto look = [&seen](const Element& batch) {
      const auto numbers = batch[0].values<int64_t>();
      return seen.look({numbers.begin(), numbers.end()});
    };
    return Dataset::range(103).batch(rows).map(look, {.num_parallel_calls = workers});
  };
  using Make = std::function<Dataset(Seen&, int64_t, int64_t)>;
  for (const Make& make : {Make(collated), Make(mapped)})
    for (const int64_t workers : {0, 2})
      for (const bool uneven : {false, true}) {
        Seen seen;
        seen.uneven = uneven;
        SampleStream before(make(seen, 10, workers).stage(), true, {{"", {}, DType::Int64}}, 7, false);
        before.start(0, 0);
        int64_t position = 0;
        while (position < 55) position += before.fill(7);
        EXPECT_EQ(before.even(), !uneven);
        // Resumed with batches of another size: what comes is the same, and was not made in vain.
        Seen again;
        again.uneven = uneven;
        SampleStream after(make(again, 8, workers).stage(), true, {{"", {}, DType::Int64}}, 7, false);
        after.start(0, position, kUnknown, before.even());
        after.fill(1);
        int64_t row = 0, number = 0;
        after.buffer()->fetch(0, {&row, 1}, &number);
        EXPECT_EQ(number, position + uneven);
        const std::lock_guard lock(again.mutex);
        EXPECT_EQ(*again.numbers.begin(), uneven ? 0 : 56) << workers;
      }
}

TEST(SampleStream, LooksAtTheFirstSampleWithoutMakingMoreBatches) {
  for (const int64_t workers : {0, 3}) {
    Seen seen;
    const Dataset data =
        DataLoader(Dataset::range(103),
                   {.batch_size = 10, .num_workers = workers, .collate = [&](const std::vector<Element>& samples) {
                      std::vector<int64_t> batch;
                      for (const Element& sample : samples) batch.push_back(sample[0].data<int64_t>()[0]);
                      return seen.look(batch);
                    }});
    SampleStream stream(data.stage(), true, {{"", {}, DType::Int64}}, 7, false);
    stream.start(0, 0, 1);
    EXPECT_NE(stream.fingerprint(), "");
    const std::lock_guard lock(seen.mutex);
    EXPECT_EQ(seen.numbers.size(), 10u);
  }
}

TEST(SampleStream, ThrowsWhatTheStageThrewAndGoesOnAfterAStart) {
  std::atomic<bool> fails{true};
  const Dataset data =
      Dataset::range(20)
          .map([&](const Element& x) {
            require(!fails || x[0].data<int64_t>()[0] != 13, "map", "the number must not be 13. Got 13.");
            return x;
          })
          .filter([](const Element&) { return true; });
  SampleStream stream(data.stage(), false, {{"", {}, DType::Int64}}, 5, true);
  stream.start(0, 0);
  EXPECT_EQ(stream.fill(5), 5);
  EXPECT_EQ(stream.fill(5), 5);
  EXPECT_THROW(stream.fill(5), Error);
  fails = false;
  stream.start(0, 10);
  EXPECT_EQ(all_of(stream, 5).size(), 10u);
}

struct Counted {
  std::shared_ptr<std::atomic<int64_t>> gets = std::make_shared<std::atomic<int64_t>>(0);
  int64_t size() const { return 100; }
  std::pair<int64_t, int64_t> get(int64_t i) const {
    ++*gets;
    return {i, -i};
  }
};

TEST(Trays, AreReadOnceForAllColumnsByWhoeverAsksFirst) {
  const Counted counted;
  const Dataset data = from_samples(counted);
  constexpr int kThreads = 4;
  Trays trays(data.source(), 8, kThreads + 1);
  *counted.gets = 0;
  const auto work = [&] {
    for (int64_t grain = 0; grain < 12; ++grain) {
      std::vector<int64_t> rows, values(8);
      for (int64_t r = 0; r < 8; ++r) rows.push_back(grain * 8 + std::min<int64_t>(r, 5));  // the last one repeated
      for (const int column : {0, 1}) {
        trays.fetch(data.source(), column, rows, 0, values.data());
        for (size_t r = 0; r < 8; ++r) EXPECT_EQ(values[r], column == 0 ? rows[r] : -rows[r]);
      }
    }
  };
  work();
  EXPECT_EQ(*counted.gets, 12 * 6);
  EXPECT_EQ(trays.facts().elements, 12 * 6);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

TEST(Trays, OfASlowThreadAreLeftToItByAFastOne) {
  const Counted counted;
  const Dataset data = from_samples(counted);
  Trays trays(data.source(), 4, 3);
  *counted.gets = 0;
  std::vector<int64_t> values(4);
  const std::vector<int64_t> slow = {0, 1, 2, 3};
  trays.fetch(data.source(), 0, slow, 0, values.data());
  std::thread([&] {
    std::vector<int64_t> others(4);
    for (int64_t grain = 1; grain < 10; ++grain) {
      const std::vector<int64_t> rows = {4 * grain, 4 * grain + 1, 4 * grain + 2, 4 * grain + 3};
      for (const int column : {0, 1}) trays.fetch(data.source(), column, rows, 0, others.data());
    }
  }).join();
  trays.fetch(data.source(), 1, slow, 0, values.data());
  EXPECT_EQ(values, (std::vector<int64_t>{0, -1, -2, -3}));
  EXPECT_EQ(*counted.gets, 10 * 4);
}

TEST(Trays, ForgetWhatFailed) {
  std::atomic<bool> fails{true};
  const Dataset data = from_samples(10, [&](int64_t i) {
    require(!fails || i != 3, "get", "the sample must be there. Got a hole.");
    return element_of(i);
  });
  Trays trays(data.source(), 2, 2);
  const std::vector<int64_t> rows = {3, 4};
  std::vector<int64_t> values(2);
  EXPECT_THROW(trays.fetch(data.source(), 0, rows, 0, values.data()), Error);
  fails = false;
  trays.fetch(data.source(), 0, rows, 0, values.data());
  EXPECT_EQ(values, rows);
}

}  // namespace
}  // namespace batchwise
