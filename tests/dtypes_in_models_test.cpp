// Facts of whole numbers and truths inside models: merges take them as the numbers they are, and so do pipelines.
#include <cmath>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

std::vector<float> floats(const Array& array) {
  const Array cast = array.cast(DType::Float32);
  return {cast.data<float>(), cast.data<float>() + cast.count()};
}

const Symbol kNumbers = Input({2}), kWhole = Input({2}, {.dtype = DType::Int32}),
             kTruths = Input({2}, {.dtype = DType::Bool});

Dataset together(std::vector<Array> inputs) { return Dataset(std::move(inputs), std::vector<Array>{}); }

std::vector<Array> inputs() {
  Array truths(DType::Bool, {1, 2});
  truths.data<bool>()[0] = true;
  return {Array::from<float>({0.5f, 1.5f}, {1, 2}), Array::from<int32_t>({7, -3}, {1, 2}), truths};
}

TEST(DTypesInModels, ConcatenateCastsWhereTheyDiffer) {
  const Model model({kNumbers, kWhole, kTruths}, Concatenate()({kNumbers, kWhole, kTruths}));
  EXPECT_EQ(floats(model.predict(together(inputs()), {.verbose = 0})), (std::vector<float>{0.5f, 1.5f, 7, -3, 1, 0}));
}

TEST(DTypesInModels, MergesTakeWholeNumbersAsNumbers) {
  const Model sum({kWhole, kTruths}, Add()({kWhole, kWhole, kTruths}));
  const std::vector<Array> given = inputs();
  EXPECT_EQ(floats(sum.predict(together({given[1], given[2]}), {.verbose = 0})), (std::vector<float>{15, -6}));
  const Model product(kWhole, Multiply()({kWhole, kWhole}));
  EXPECT_EQ(floats(product.predict(given[1], {.verbose = 0})), (std::vector<float>{49, 9}));
}

TEST(DTypesInModels, SumsOfIdsAreLookedUp) {
  const Symbol a = Input({2}, {.dtype = DType::Int32}), b = Input({2}, {.dtype = DType::Int32});
  Model model({a, b}, Embedding({.input_dim = 9, .output_dim = 1})(Add()({a, b})));
  model.set_weights({Array::from<float>({0, 1, 2, 3, 4, 5, 6, 7, 8}, {9, 1})});
  EXPECT_EQ(floats(model.predict(together({Array::from<int32_t>({1, 2}, {1, 2}), Array::from<int32_t>({3, 6}, {1, 2})}),
                                 {.verbose = 0})),
            (std::vector<float>{4, 8}));
}

TEST(DTypesInModels, LayersOfAPipelineGiveFloats) {
  const Dataset data(Array::from<float>({-5, 0.5f, 9}, {1, 3}), Array::from<float>({0}, {1}));
  const Dataset mapped = data.map(augment({Discretization({.bin_boundaries = Config::List{0.0, 1.0, 2.0}})}));
  const auto stream = mapped.stage()->open(0);
  Element element;
  ASSERT_TRUE(stream->next(element));
  ASSERT_EQ(element[0].dtype(), DType::Float32);
  EXPECT_EQ(floats(element[0]), (std::vector<float>{0, 1, 3}));
}

TEST(DTypesInModels, GhostStatisticsInPredictionsAreRefused) {
  const Symbol x = Input({3});
  CallForm form;
  form.training = true;
  Model model(x, BatchNormalization({.ghost = 8})({x}, form));
  model.initialize(1);
  EXPECT_THROW(model.predict(Array(DType::Float32, {5, 3}), {.lanes = 2, .verbose = 0}), Error);
}

}  // namespace
}  // namespace batchwise
