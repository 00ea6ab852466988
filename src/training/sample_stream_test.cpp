// Facts of bringing samples to training: streams fill buffers ahead and resume anywhere, trays are read once.
#include "training/sample_stream.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include <batchwise/data_loader.h>

#include "data/stages/rows.h"
#include "training/trays.h"

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
  two.start(5, 11);
  three.start(5, 0);
  EXPECT_EQ(one.fingerprint(), two.fingerprint());
  EXPECT_NE(one.fingerprint(), three.fingerprint());
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
