// Facts of stages whose first element matters: what flows is found once, and a failure is of the element that fails.
#include <gtest/gtest.h>

#include <batchwise/dataset.h>

#include "data/sources/picked_rows.h"

namespace batchwise {
namespace {

int64_t number(const Element& element) { return element.at(0).data<int64_t>()[0]; }

std::vector<int64_t> numbers(const Dataset& data) {
  std::vector<int64_t> all;
  const auto stream = data.stage()->open(0);
  for (Element element; stream->next(element);) all.push_back(number(element));
  return all;
}

// Counts how often an element is made.
Dataset counted(const std::shared_ptr<int64_t>& made) {
  return Dataset::range(6).filter([made](const Element&) { return ++*made > 0; });
}

TEST(FirstElements, AreMadeOnceHoweverOftenColumnsAreAskedFor) {
  const auto made = std::make_shared<int64_t>(0);
  const std::vector<Dataset> all = {
      counted(made).scan({Array::from<int64_t>({0}, {})}, [](Element&, const Element& x) { return x; }),
      counted(made).window(2).flat_map([](const Dataset& window) { return window; }),
  };
  for (const Dataset& data : all) {
    *made = 0;
    for (int i = 0; i < 50; ++i) data.columns();
    EXPECT_LE(*made, 6);
  }
}

TEST(FirstElements, ThatFailArePassedOver) {
  const Dataset data = Dataset::range(5).map([](const Element& x) {
    if (number(x) < 2) throw std::runtime_error("damaged");
    return x;
  });
  EXPECT_THROW(numbers(data), Error);
  EXPECT_EQ(numbers(data.ignore_errors()), (std::vector<int64_t>{2, 3, 4}));
}

TEST(FirstElements, OfARefusedBatchAreNotGiven) {
  const Dataset data = Dataset::range(3).map(
      [](const Element& x) {
        const int64_t n = number(x);
        return Element{Array::from<int64_t>({n, n}, {2}), Array(DType::Float32, {n == 1 ? 1 : 2})};
      },
      {.columns = {{"", Shape{2}, DType::Int64}, {"", Shape{kUnknownDim}, DType::Float32}}});
  EXPECT_EQ(numbers(data.unbatch().ignore_errors()), (std::vector<int64_t>{0, 0, 2, 2}));
}

TEST(FirstElements, OfWhatIsNeverDrawnAreNotWaitedFor) {
  const std::vector<int64_t> drawn = numbers(Dataset::sample_from_datasets(
      {Dataset::range(3), Dataset::range(4), Dataset::range(100)}, {.weights = {0.5, 0.5, 0}}));
  EXPECT_EQ(drawn.size(), 7u);
  EXPECT_THROW(Dataset::sample_from_datasets({Dataset::range(3), Dataset()}, {}), Error);
}

TEST(FirstElements, OfPartsAreCountedAndNamed) {
  const Dataset a(Array(DType::Float32, {100, 4})), b(Array(DType::Float32, {50, 4}));
  const int64_t both = a.source().resident_bytes() + b.source().resident_bytes();
  EXPECT_EQ(a.concatenate(b).source().resident_bytes(), both);
  // Parts of one source are held once.
  EXPECT_EQ(a.take(10).concatenate(a.skip(20)).source().resident_bytes(), a.source().resident_bytes());
  EXPECT_EQ(a.concatenate(b).source().describe_row(103, 0), b.source().describe_row(3, 0));
  EXPECT_GE(Dataset::sample_from_datasets({a, b}, {}).stage()->resident_bytes(), both);
}

TEST(FirstElements, OfMoreThan64ColumnsAreReadFromParts) {
  std::vector<Array> columns;
  for (int c = 0; c < 70; ++c) columns.push_back(Array::from<float>({1.0f * static_cast<float>(c), 2, 3}, {3}));
  const Dataset data = Dataset(columns, std::vector<Array>{});
  Element element;
  ASSERT_TRUE(data.skip(1).stage()->open(0)->next(element));
  EXPECT_EQ(element.size(), 70u);
}

}  // namespace
}  // namespace batchwise
