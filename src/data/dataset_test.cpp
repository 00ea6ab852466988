// Facts of data sets: roles, slices, batches, and data brought into memory.
#include <batchwise/dataset.h>

#include <numeric>

#include <gtest/gtest.h>

#include "data/resident.h"
#include "data/sources/npy.h"
#include "data/temporary_folder_test.h"
#include "formats/npy/npy.h"

namespace batchwise {
namespace {

Array counting(int64_t rows, int64_t width, float start = 0) {
  std::vector<float> values(static_cast<size_t>(rows * width));
  std::iota(values.begin(), values.end(), start);
  return Array::from(values, {rows, width});
}

std::vector<float> floats(const Array& array) { return {array.values<float>().begin(), array.values<float>().end()}; }

TEST(Dataset, KnowsItsInputsTargetsAndWeights) {
  const Dataset data(counting(5, 2), Array::from<int32_t>({0, 1, 2, 3, 4}, {5}),
                     Array::from<float>({1, 1, 0, 1, 1}, {5}));
  EXPECT_EQ(data.size(), 5);
  EXPECT_EQ(data.num_inputs(), 1);
  EXPECT_EQ(data.num_targets(), 1);
  EXPECT_EQ(data.num_weights(), 1);
  EXPECT_EQ(data.input(0).shape, (Shape{2}));
  EXPECT_EQ(data.target(0).shape, Shape{});
  EXPECT_EQ(data.target(0).dtype, DType::Int32);
  EXPECT_EQ(data.source().resident_bytes(), 5 * 2 * 4 + 5 * 4 + 5 * 4);
  EXPECT_TRUE(Dataset().empty());
  EXPECT_EQ(Dataset(counting(3, 1)).num_targets(), 0);
}

TEST(Dataset, RefusesArraysThatDoNotFitTogether) {
  EXPECT_NE(message_of([] { Dataset(counting(5, 2), counting(4, 1)); }).find("Got 5 and 4"), std::string::npos);
  EXPECT_THROW(Dataset(std::vector<Array>{}, {}), Error);
  EXPECT_THROW(
      Dataset({counting(5, 1)}, {counting(5, 1), counting(5, 1), counting(5, 1)}, {counting(5, 1), counting(5, 1)}),
      Error);
}

TEST(Dataset, FetchGivesAnyRowsInAnyOrder) {
  const Dataset data(counting(10, 2));
  std::vector<float> out(8);
  data.source().fetch(0, std::vector<int64_t>{7, 0, 0, 9}, out.data());
  EXPECT_EQ(out, (std::vector<float>{14, 15, 0, 1, 0, 1, 18, 19}));
  EXPECT_THROW(data.source().fetch(0, std::vector<int64_t>{10}, out.data()), Error);
  EXPECT_THROW(data.source().fetch(0, std::vector<int64_t>{-1}, out.data()), Error);
}

TEST(Dataset, SlicesShareTheSourceAndNest) {
  const Dataset data(counting(2000, 1), counting(2000, 1, 5000));
  const Dataset inner = data.slice(100, 1500).slice(50, 1200);
  EXPECT_EQ(inner.size(), 1200);
  EXPECT_EQ(inner.num_targets(), 1);
  const Batch batch = inner.read(0, 1200);  // more rows than are shifted at a time
  for (int64_t i = 0; i < 1200; ++i) {
    ASSERT_EQ(batch.x[0].data<float>()[i], static_cast<float>(150 + i));
    ASSERT_EQ(batch.y[0].data<float>()[i], static_cast<float>(5150 + i));
  }
  float out;
  EXPECT_THROW(inner.source().fetch(0, std::vector<int64_t>{1200}, &out), Error);
  EXPECT_THROW(data.slice(1, 2000), Error);
  EXPECT_THROW(data.slice(100, 1500).slice(1, 1500), Error);  // not beyond the outer slice
  EXPECT_THROW(data.slice(-1, 1), Error);
}

TEST(Dataset, BatchesAreConsecutiveAndTheLastIsShorter) {
  std::vector<Batch> batches;
  for (const Batch& batch : Dataset(counting(7, 1), counting(7, 1)).batch(3)) batches.push_back(batch);
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(floats(batches[1].x[0]), (std::vector<float>{3, 4, 5}));
  EXPECT_EQ(batches[2].rows(), 1);
  EXPECT_TRUE(batches[0].sample_weight.empty());
  EXPECT_THROW(Dataset(counting(7, 1)).batch(0), Error);
}

class ResidentData : public TemporaryFolder {};

TEST_F(ResidentData, IsTheSameRowsInMemory) {
  write_npy(path("x.npy"), counting(20000, 3));
  std::vector<FileColumn> columns = {npy_column(path("x.npy"), "x")};
  const Dataset file(std::make_shared<FileRows>(columns, "x.npy"), 1, 0);
  EXPECT_EQ(file.source().resident_bytes(), 0);
  const Dataset part = file.slice(5, 10000);
  EXPECT_EQ(stored_bytes(part), 10000 * 12);
  const Dataset loaded = resident(part);
  EXPECT_EQ(loaded.source().resident_bytes(), 10000 * 12);
  EXPECT_EQ(loaded.source().describe(), "x.npy");
  EXPECT_EQ(loaded.input(0).name, "x");
  EXPECT_EQ(floats(loaded.read(9000, 2).x[0]), floats(file.read(9005, 2).x[0]));
  EXPECT_EQ(&resident(loaded).source(), &loaded.source());
}

TEST_F(ResidentData, AFileThatShrinksIsARunError) {
  write_npy(path("x.npy"), counting(1000, 4));
  std::vector<FileColumn> columns = {npy_column(path("x.npy"), "")};
  const Dataset data(std::make_shared<FileRows>(columns, path("x.npy")), 1, 0);
  std::filesystem::resize_file(path("x.npy"), 500);
  try {
    data.read(990, 10);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Run);
    EXPECT_NE(std::string(error.what()).find("x.npy"), std::string::npos);
  }
}

}  // namespace
}  // namespace batchwise
