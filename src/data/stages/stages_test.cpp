// Facts of stages beyond TensorFlow's values: rows by number agree with streams, skipping with reading, workers with
// none; and faults: errors in workers, consumers that stop early, caches that are damaged or of other data.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <sys/resource.h>

#include <gtest/gtest.h>

#include <batchwise/data_loader.h>
#include <batchwise/generator.h>
#include <batchwise/timeseries.h>

#include "data/stages/rows.h"
#include "data/temporary_folder_test.h"

namespace batchwise {
namespace {

std::vector<int64_t> numbers(const Dataset& data, uint64_t pass = 0) {
  std::vector<int64_t> all;
  const auto stream = data.stage()->open(pass);
  for (Element element; stream->next(element);)
    for (const int64_t value : element[0].values<int64_t>()) all.push_back(value);
  return all;
}

std::vector<int64_t> by_number(const Dataset& data, uint64_t pass = 0) {
  std::vector<int64_t> all;
  for (int64_t i = 0; i < data.size(); ++i) all.push_back(read_row(data.source(), i, pass)[0].data<int64_t>()[0]);
  return all;
}

Element square(const Element& x) { return element_of(x[0].data<int64_t>()[0] * x[0].data<int64_t>()[0]); }
Element keyed(const Element& x, const Address& address) {
  return element_of(x[0].data<int64_t>()[0] * 1000 + static_cast<int64_t>(address.key() % 1000));
}

std::vector<std::pair<std::string, Dataset>> all_with_rows() {
  const Dataset r = Dataset::range(23);
  return {{"range", r},
          {"map", r.map(square)},
          {"keyed map", r.map(keyed, {.seed = 3})},
          {"take", r.take(9)},
          {"skip", r.skip(20)},
          {"shard", r.shard(4, 3)},
          {"repeat", r.map(keyed).repeat(3)},
          {"shuffle", r.shuffle({.seed = 7})},
          {"shuffled twice over", r.shuffle({.seed = 7}).repeat(2)},
          {"concatenate", r.take(3).concatenate(r.skip(15).map(square)).map(keyed)},
          {"zip", Dataset::zip({r, r.skip(4)})},
          {"cache", r.map(keyed).cache()},
          {"prefetch", r.map(square).prefetch(2)},
          {"all at once", r.shuffle().map(keyed).shard(2, 1).take(8).repeat(2).prefetch()}};
}

TEST(Stages, RowsByNumberAreTheElementsOneAfterAnother) {
  for (const auto& [name, data] : all_with_rows()) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(data.has_rows());
    EXPECT_EQ(data.size(), data.cardinality());
    for (uint64_t pass = 0; pass < 3; ++pass) EXPECT_EQ(by_number(data, pass), numbers(data, pass));
  }
}

TEST(Stages, SkippingIsReadingAndForgetting) {
  auto all = all_with_rows();
  const Dataset r = Dataset::range(23);
  all.emplace_back("filter", r.filter([](const Element& x) { return x[0].data<int64_t>()[0] % 3 > 0; }));
  all.emplace_back("buffered shuffle", r.shuffle(5));
  all.emplace_back("parallel map", r.map(keyed, {.num_parallel_calls = 3}));
  all.emplace_back("unbatch", r.batch(4).unbatch());
  all.emplace_back("enumerate", r.skip(3).enumerate());
  for (const auto& [name, data] : all) {
    const std::vector<int64_t> whole = numbers(data, 1);
    for (const int64_t skipped : {0, 1, 5, 22, 23, 60}) {
      SCOPED_TRACE(name + " " + std::to_string(skipped));
      const auto stream = data.stage()->open(1);
      const int64_t there = std::min<int64_t>(skipped, static_cast<int64_t>(whole.size()));
      EXPECT_EQ(stream->skip(skipped), there);
      Element element;
      for (size_t i = static_cast<size_t>(there); i < whole.size(); ++i) {
        ASSERT_TRUE(stream->next(element));
        EXPECT_EQ(element[0].data<int64_t>()[0], whole[i]);
      }
      EXPECT_FALSE(stream->next(element));
      EXPECT_FALSE(stream->next(element));
    }
  }
}

TEST(Stages, WorkersChangeNeitherOrderNorValues) {
  const std::vector<int64_t> wanted = numbers(Dataset::range(500).map(keyed, {.seed = 8}), 2);
  for (const int64_t workers : {int64_t{1}, int64_t{2}, int64_t{7}, kAutotune})
    for (const int64_t depth : {int64_t{0}, int64_t{1}, int64_t{30}, kAutotune})
      EXPECT_EQ(numbers(Dataset::range(500).map(keyed, {.num_parallel_calls = workers, .seed = 8}).prefetch(depth), 2),
                wanted);
}

TEST(Stages, PassesShuffleAnewAndTheSamePassIsTheSameAgain) {
  for (const Dataset& data : {Dataset::range(50).shuffle({.seed = 3}), Dataset::range(50).shuffle(20)}) {
    EXPECT_EQ(numbers(data, 4), numbers(data, 4));
    EXPECT_NE(numbers(data, 4), numbers(data, 5));
    std::vector<int64_t> sorted = numbers(data, 4);
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(sorted, numbers(Dataset::range(50)));
  }
  // A loop takes the next pass.
  const Dataset data = Dataset::range(50).shuffle({.seed = 3});
  for (uint64_t pass = 0; pass < 2; ++pass) {
    std::vector<int64_t> seen;
    for (const Batch& one : data) seen.push_back(one.x[0].data<int64_t>()[0]);
    EXPECT_EQ(seen, numbers(data, pass));
  }
}

TEST(Stages, WhatAWorkerThrowsIsThrownInItsPlace) {
  const auto bad = [](const Element& x) {
    require(x[0].data<int64_t>()[0] != 5, "map", "the number must not be 5. Got 5.");
    return x;
  };
  for (const int64_t workers : {int64_t{0}, int64_t{3}, kAutotune})
    for (const int64_t depth : {0, 2}) {
      const Dataset data = Dataset::range(9).map(bad, {.num_parallel_calls = workers}).prefetch(depth);
      const auto stream = data.stage()->open(0);
      Element element;
      for (int64_t i = 0; i < 5; ++i) {
        ASSERT_TRUE(stream->next(element));
        EXPECT_EQ(element[0].data<int64_t>()[0], i);
      }
      EXPECT_THROW(stream->next(element), Error);
      ASSERT_TRUE(stream->next(element));
      EXPECT_EQ(element[0].data<int64_t>()[0], 6);
      EXPECT_EQ(numbers(data.ignore_errors()), (std::vector<int64_t>{0, 1, 2, 3, 4, 6, 7, 8}));
    }
}

TEST(Stages, AConsumerMayStopAtAnyMoment) {
  std::atomic<int64_t> begun{0};
  const auto slow = [&](const Element& x) {
    ++begun;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return x;
  };
  for (int taken = 0; taken < 12; ++taken) {
    begun = 0;
    const auto data = Dataset::range(100000).map(slow, {.num_parallel_calls = 4}).prefetch(8).batch(2).prefetch(2);
    const auto stream = data.stage()->open(0);
    Element element;
    for (int i = 0; i < taken; ++i) ASSERT_TRUE(stream->next(element));
  }
  EXPECT_LT(begun, 200);
}

Generator<int64_t> counted(int64_t count) {
  for (int64_t i = 0; i < count; ++i) co_yield i;
  require(count < 10, "counted", "the count must be less than 10. Got ", count, ".");
}

TEST(FromRange, TakesCoroutinesAndRangesAnewForEachPass) {
  const Dataset data = from_range([] { return counted(4); });
  for (uint64_t pass = 0; pass < 3; ++pass) EXPECT_EQ(numbers(data, pass), (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(numbers(from_range([] {
                      return std::vector<int64_t>{7, 8};
                    }).repeat(2)),
            (std::vector<int64_t>{7, 8, 7, 8}));
  EXPECT_THROW(numbers(from_range([] { return counted(11); })), Error);
  // After it threw, a coroutine is over: nobody asks it again.
  EXPECT_EQ(numbers(from_range([] { return counted(11); }).prefetch(3).ignore_errors()).size(), 11u);
  EXPECT_THROW(numbers(from_range([] { return counted(3); }, {{"", {}, DType::Int32}})), Error);
}

TEST(Timeseries, WindowsAndTargetsAreKerass) {
  std::vector<int64_t> steps(20);
  for (size_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<int64_t>(i);
  const Array series = Array::from<int64_t>(steps, {20});
  // From Keras's documentation: windows of 10 values, 2 apart, starting 3 apart.
  const Dataset data =
      timeseries_dataset_from_array(series, {}, 5, {.sequence_stride = 3, .sampling_rate = 2, .batch_size = 0});
  EXPECT_EQ(data.size(), 4);
  EXPECT_EQ(numbers(data), (std::vector<int64_t>{0, 2, 4, 6, 8, 3, 5, 7, 9, 11, 6, 8, 10, 12, 14, 9, 11, 13, 15, 17}));
  const Dataset both =
      timeseries_dataset_from_array(series, series.slice(5, 15), 3, {.batch_size = 4, .start_index = 2});
  const auto stream = both.stage()->open(0);
  Element element;
  ASSERT_TRUE(stream->next(element));
  EXPECT_EQ(element[0].shape(), (Shape{4, 3}));
  EXPECT_EQ(element[0].data<int64_t>()[0], 2);
  EXPECT_EQ(element[1].data<int64_t>()[0], 7);
  EXPECT_THROW(timeseries_dataset_from_array(series, {}, 21, {}), Error);
  EXPECT_THROW(timeseries_dataset_from_array(series, {}, 3, {.sampling_rate = 0}), Error);
  EXPECT_THROW(timeseries_dataset_from_array(series, {}, 3, {.end_index = 25}), Error);
}

class FileCacheTest : public TemporaryFolder {};

TEST_F(FileCacheTest, IsMadeByAWholePassAndReadAfterIt) {
  std::atomic<int> made{0};
  const auto counted_square = [&](const Element& x) {
    ++made;
    return square(x);
  };
  const Dataset data =
      Dataset::range(30).map(counted_square).filter([](const Element&) { return true; }).cache(path("c"));
  data.columns();  // looks at the first element
  made = 0;
  {
    const auto broken_off = data.stage()->open(0);
    Element element;
    broken_off->next(element);
  }
  EXPECT_FALSE(std::filesystem::exists(path("c")));
  made = 0;
  const std::vector<int64_t> first = numbers(data);
  EXPECT_EQ(made, 30);
  EXPECT_EQ(numbers(data), first);
  EXPECT_EQ(made, 30);
}

TEST_F(FileCacheTest, OfOtherOrDamagedDataIsRefused) {
  const auto cached = [&](const Dataset& data) {
    return data.filter([](const Element&) { return true; }).cache(path("c"));
  };
  numbers(cached(Dataset::range(30)));
  EXPECT_NE(message_of([&] { numbers(cached(Dataset::range(30).batch(2))); }).find("same data"), std::string::npos);
  const auto size = std::filesystem::file_size(path("c"));
  for (const auto shorter : {size - 1, size / 2, uintmax_t{3}, uintmax_t{0}}) {
    std::filesystem::resize_file(path("c"), shorter);
    EXPECT_FALSE(message_of([&] { numbers(cached(Dataset::range(30))); }).empty());
  }
  std::filesystem::remove(path("c"));
  numbers(cached(Dataset::range(30)));
  for (uintmax_t at = 0; at < size; at += 7) {
    std::fstream file(path("c"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char was = static_cast<char>(file.get());
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(was ^ 0x55));
    file.close();
    EXPECT_FALSE(message_of([&] { numbers(cached(Dataset::range(30))); }).empty()) << at;
    std::fstream back(path("c"), std::ios::in | std::ios::out | std::ios::binary);
    back.seekp(static_cast<std::streamoff>(at));
    back.put(was);
  }
  EXPECT_EQ(numbers(cached(Dataset::range(30))).size(), 30u);
}

TEST_F(FileCacheTest, OfSamplesByNumberKeepsThemByNumber) {
  const Dataset data = Dataset::range(30).map(keyed).cache(path("rows"));
  ASSERT_TRUE(data.has_rows());
  const std::vector<int64_t> wanted = numbers(Dataset::range(30).map(keyed));
  for (uint64_t pass = 0; pass < 3; ++pass) EXPECT_EQ(by_number(data, pass), wanted);
  EXPECT_TRUE(std::filesystem::exists(path("rows")));
  EXPECT_EQ(numbers(Dataset::range(30).map(keyed).cache(path("rows"))), wanted);
}

TEST_F(FileCacheTest, TwoRunsMayFillItAtOnce) {
  const Dataset data = Dataset::range(300).filter([](const Element&) { return true; }).cache(path("c"));
  const auto one = data.stage()->open(0), two = data.stage()->open(0);
  Element element;
  int64_t count = 0;
  while (one->next(element)) count += two->next(element);
  EXPECT_FALSE(two->next(element));
  EXPECT_EQ(count, 300);
  EXPECT_EQ(numbers(data).size(), 300u);
}

TEST_F(FileCacheTest, AFullDiskIsAClearErrorAndLeavesNoCache) {
  const Dataset data = Dataset::range(200000).filter([](const Element&) { return true; }).cache(path("c"));
  data.columns();
  // A limit on file sizes stands for the full disk; the signal that comes with it is ignored as libraries' users do.
  struct rlimit before, small;
  ::getrlimit(RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = 100000;
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  std::string message;
  try {
    numbers(data);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Run);
    message = error.what();
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  EXPECT_NE(message.find(path("c")), std::string::npos) << message;
  EXPECT_FALSE(std::filesystem::exists(path("c")));
  EXPECT_EQ(numbers(data).size(), 200000u);
}

TEST(StageMemory, IsWhatAStageHoldsAtATime) {
  const Dataset data = Dataset::range(1000).filter([](const Element&) { return true; });
  const auto held = [](const Dataset& after) { return after.stage()->resident_bytes(); };
  const int64_t each = 8;
  EXPECT_EQ(held(data), 0);
  EXPECT_EQ(held(data.padded_batch(10)), 2 * 10 * each);
  EXPECT_EQ(held(data.batch(10).rebatch(4)), 20 * each + each + 4 * each);  // of batches of open size one row is known
  EXPECT_EQ(held(data.batch(10, {.drop_remainder = true}).unbatch()), 20 * each + 10 * each);
  EXPECT_EQ(held(data.window(5, {.stride = 3}).flat_map([](const Dataset& w) { return w.batch(5); })), (13 + 5) * each);
  EXPECT_GE(held(Dataset::range(1000).unique()), 1000 * each);
  const Dataset sequences = data.map([](const Element&) { return Element{Array(DType::Float32, {7})}; });
  EXPECT_EQ(held(sequences.padded_batch(10, {.padded_shapes = {{9}}})), 10 * (7 + 9) * 4);
  EXPECT_EQ(held(sequences.ragged_batch(10)), 2 * 10 * 7 * 4);
  EXPECT_EQ(held(sequences.bucket_by_sequence_length([](const Element&) { return 7; },
                                                     {.bucket_boundaries = {5}, .bucket_batch_sizes = {8, 3}})),
            (8 + 3 + 8) * 7 * 4);
  EXPECT_EQ(held(Dataset::range(3).interleave([&](const Element&) { return data.batch(10); }, {.cycle_length = 2})),
            2 * 20 * each);
}

TEST(Interleave, GivesTheSameOrderOnEveryMachine) {
  const Dataset each = Dataset::range(6).interleave(
      [](const Element& x) { return Dataset::range(x[0].data<int64_t>()[0] * 10, x[0].data<int64_t>()[0] * 10 + 2); });
  std::vector<int64_t> order;
  const auto stream = each.stage()->open(0);
  for (Element element; stream->next(element);) order.push_back(element[0].data<int64_t>()[0]);
  EXPECT_EQ(order, (std::vector<int64_t>{0, 10, 20, 30, 1, 11, 21, 31, 40, 50, 41, 51}));
}

}  // namespace
}  // namespace batchwise
