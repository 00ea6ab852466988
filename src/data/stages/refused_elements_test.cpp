// Facts of what functions give that no stage can take: no data set at all, or elements with other components.
#include <stdexcept>

#include <gtest/gtest.h>

#include <batchwise/dataset.h>

#include "data/temporary_folder_test.h"

namespace batchwise {
namespace {

int64_t number_of(const Element& element) { return element[0].data<int64_t>()[0]; }

std::vector<int64_t> first_numbers(const Dataset& data) {
  std::vector<int64_t> all;
  const auto stream = data.stage()->open(0);
  for (Element element; all.size() < 100 && stream->next(element);) all.push_back(number_of(element));
  return all;
}

std::string told(const Dataset& data) {
  return message_of([&] {
    const auto stream = data.stage()->open(0);
    for (Element element; stream->next(element);) {}
  });
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(RefusedElements, FunctionsThatGiveNoDataSetAreNamedWithTheSample) {
  const Dataset numbers = Dataset::range(6);
  const auto none_at_3 = [](const Element& x) { return number_of(x) == 3 ? Dataset() : Dataset::range(2); };
  const char* rule = "the function must give a data set. Got an empty Dataset().";
  for (const Dataset& data : {numbers.interleave(none_at_3, {.cycle_length = 2, .num_parallel_calls = 2}),
                              numbers.interleave(none_at_3, {.cycle_length = 4}), numbers.flat_map(none_at_3)}) {
    EXPECT_TRUE(says(told(data), std::string("[interleave, sample 3 of range] ") + rule)) << told(data);
    EXPECT_EQ(first_numbers(data.ignore_errors()).size(), 10u);
  }
  const Dataset windows = numbers.window(2).flat_map(
      [](const Dataset& window) { return first_numbers(window)[0] == 2 ? Dataset() : window; });
  EXPECT_TRUE(says(told(windows), std::string("[window, window 1 of range] ") + rule)) << told(windows);
  EXPECT_EQ(first_numbers(windows.ignore_errors()), (std::vector<int64_t>{0, 1, 4, 5}));
  const auto odd = [](const Element& x) { return number_of(x) % 2; };
  const auto three = [](int64_t) { return int64_t{3}; };
  const Dataset grouped = numbers.group_by_window(
      odd, [](int64_t key, const Dataset& all) { return key == 1 ? Dataset() : all; }, three);
  EXPECT_TRUE(says(told(grouped), std::string("[group_by_window, a window of key 1 of range] ") + rule))
      << told(grouped);
  EXPECT_EQ(first_numbers(grouped.ignore_errors()), (std::vector<int64_t>{0, 2, 4}));
  // Of the first element, too, which is asked for the columns.
  const auto none = [](const Element&) { return Dataset(); };
  EXPECT_TRUE(says(message_of([&] { numbers.flat_map(none).columns(); }), rule));
  EXPECT_TRUE(
      says(message_of([&] { numbers.window(2).flat_map([](const Dataset&) { return Dataset(); }).columns(); }), rule));
  EXPECT_TRUE(says(message_of([&] {
                     numbers
                         .group_by_window(
                             odd, [](int64_t, const Dataset&) { return Dataset(); }, three)
                         .columns();
                   }),
                   rule));
}

TEST(RefusedElements, AWindowThatCannotBeReducedDoesNotComeAgain) {
  int empty = 0;
  const auto reduce = [&](int64_t key, const Dataset& all) {
    if (all.cardinality() == 0) ++empty;
    if (key == 1) throw std::runtime_error("no ones");
    return all;
  };
  const auto odd = [](const Element& x) { return number_of(x) % 2; };
  for (const int64_t size : {2, 5}) {  // in the midst of the data, and at its end
    const Dataset grouped = Dataset::range(8).group_by_window(odd, reduce, [=](int64_t) { return size; });
    EXPECT_TRUE(says(told(grouped),
                     "[group_by_window, a window of key 1 of range] the function must not throw. Got: "
                     "no ones"))
        << told(grouped);
    EXPECT_EQ(first_numbers(grouped.ignore_errors()), (std::vector<int64_t>{0, 2, 4, 6}));
  }
  EXPECT_EQ(empty, 0);
  const auto sizes = [](int64_t key) { return key == 1 ? throw std::runtime_error("no size") : int64_t{2}; };
  const Dataset sized = Dataset::range(8).group_by_window(
      odd, [](int64_t, const Dataset& all) { return all; }, sizes);
  EXPECT_TRUE(says(told(sized), "[group_by_window, sample 1 of range] the function must not throw. Got: no size"))
      << told(sized);
  EXPECT_EQ(first_numbers(sized.ignore_errors()), (std::vector<int64_t>{0, 2, 4, 6}));
}

// Elements with `usual` components of shape (2), but for number 2, which has `other`.
Dataset uneven(int usual, int other) {
  return Dataset::range(4).map([=](const Element& x) {
    return Element(static_cast<size_t>(number_of(x) == 2 ? other : usual), Array::from<int64_t>({7, 8}, {2}));
  });
}

TEST(RefusedElements, ElementsWithMoreOrFewerComponentsAreNeverBatched) {
  const char* rule = "must have the same components";
  for (const auto& [usual, other] : {std::pair(2, 1), std::pair(1, 2), std::pair(2, 0)}) {
    const Dataset data = uneven(usual, other);
    const auto length = [](const Element&) { return int64_t{1}; };
    const BucketOptions one_bucket{.bucket_boundaries = {4}, .bucket_batch_sizes = {4, 4}};
    if (other > 0)  // of none there are no rows
      for (const Dataset& rows : {data.rebatch({8}), data.rebatch({4})})
        EXPECT_TRUE(says(told(rows), rule)) << told(rows);
    for (const Dataset& batched : {data.batch(4), data.padded_batch(4), data.ragged_batch(4),
                                   data.bucket_by_sequence_length(length, one_bucket)})
      EXPECT_TRUE(says(told(batched), rule)) << usual << " " << other << ": " << told(batched);
    // Where it is the first of a batch, too.
    const std::vector<Shape> shapes(static_cast<size_t>(usual), Shape{3});
    const std::vector<double> values(static_cast<size_t>(usual), 1.0);
    EXPECT_TRUE(says(told(data.padded_batch(1, {.padded_shapes = shapes})), rule));
    if (usual > 1) EXPECT_TRUE(says(told(data.padded_batch(1, {.padding_values = values})), rule));
  }
  for (const int other : {0, 2}) EXPECT_TRUE(says(told(uneven(1, other).sparse_batch(4, {2})), rule)) << other;
  for (const int other : {0, 2}) EXPECT_TRUE(says(told(uneven(1, other).sparse_batch(1, {2})), rule)) << other;
}

}  // namespace
}  // namespace batchwise
