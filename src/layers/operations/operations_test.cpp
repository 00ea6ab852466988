// Operations as files call them: constants on either side, keys of items, what is refused.
#include <limits>

#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> operation(const char* key, const Config& config = Config(Config::Object{})) {
  return Registry<Layer>::instance().make({key, config}, "test");
}

CallForm with(const char* place, const Config& constant, std::vector<std::string> roles = {""}) {
  CallForm form;
  form.roles = std::move(roles);
  form.arguments.set(place, constant);
  return form;
}

std::vector<float> result(const char* key, const Array& x, const CallForm& form) {
  const auto layer = operation(key);
  return values(try_layer(*layer, {x}, {}, {}, {.grain = 2, .training = false, .form = form}).outputs[0]);
}

Config slice(const Config& start, const Config& stop, const Config& step) {
  return Config::object(
      {{"class_name", "__slice__"}, {"config", Config::object({{"start", start}, {"stop", stop}, {"step", step}})}});
}

TEST(Operations, ConstantsMayStandOnEitherSide) {
  const Array x = Array::from(std::vector<float>{1, 2, 4}, {1, 3});
  EXPECT_EQ(result("ops.numpy.Subtract", x, with("1", 1)), (std::vector<float>{0, 1, 3}));
  EXPECT_EQ(result("ops.numpy.Subtract", x, with("0", 1, {"1"})), (std::vector<float>{0, -1, -3}));
  EXPECT_EQ(result("ops.numpy.Divide", x, with("x1", 8.0, {"x2"})), (std::vector<float>{8, 4, 2}));
  const Config array = Config::object(
      {{"class_name", "__numpy__"},
       {"config",
        Config::object({{"value", Config::List{Config(10), Config(20), Config(30)}}, {"dtype", "float32"}})}});
  EXPECT_EQ(result("ops.numpy.Add", x, with("1", array)), (std::vector<float>{11, 22, 34}));
}

TEST(Operations, ConstantsThatTellSamplesApartAreRefused) {
  const Config two =
      Config::List{Config::List{Config(1), Config(2), Config(3)}, Config::List{Config(1), Config(2), Config(3)}};
  EXPECT_THROW(operation("ops.numpy.Add")->call_shapes({{3}}, with("1", two)), Error);
  EXPECT_THROW(operation("ops.numpy.Add")->call_shapes({{3}}, with("1", "three")), Error);
  EXPECT_THROW(operation("ops.numpy.Add")->call_shapes({{3}}, {}), Error);
}

TEST(Operations, AStoppedGradientIsZero) {
  const Array x = random_array(Shape{3, 4}, 1), dy = random_array(Shape{3, 4}, 2);
  for (const bool in_place : {false, true}) {
    const auto layer = operation("ops.core.StopGradient");
    const TrialResult result = try_layer(*layer, {x}, {}, {dy}, {.grain = 2, .in_place = in_place});
    EXPECT_EQ(values(result.outputs[0]), values(x));
    EXPECT_EQ(values(result.input_gradients[0]), std::vector<float>(12, 0.0f));
  }
}

TEST(Operations, ElementsComeFromWhereTheOperationSays) {
  const Array x = Array::from(std::vector<float>{0, 1, 2, 3, 4, 5}, {1, 2, 3});
  const auto made = [&](const char* key, const Config& config, const CallForm& form = {}) {
    const auto layer = operation(key, config);
    return values(try_layer(*layer, {x}, {}, {}, {.grain = 2, .training = false, .form = form}).outputs[0]);
  };
  const Config last = Config::object({{"axis", -1}});
  EXPECT_EQ(made("ops.numpy.Take", last, with("1", Config::List{2, 0, -1, -3})),
            (std::vector<float>{2, 0, 2, 0, 5, 3, 5, 3}));
  EXPECT_EQ(made("ops.numpy.Take", Config::object({{"axis", 1}}), with("1", 1)), (std::vector<float>{3, 4, 5}));
  EXPECT_EQ(made("ops.numpy.Roll", Config::object({{"shift", 1}, {"axis", 2}})),
            (std::vector<float>{2, 0, 1, 5, 3, 4}));
  EXPECT_EQ(made("ops.numpy.Tril", Config::object({{"k", 1}})), (std::vector<float>{0, 1, 0, 3, 4, 5}));
  EXPECT_EQ(made("ops.numpy.Triu", Config(Config::Object{})), (std::vector<float>{0, 1, 2, 0, 4, 5}));
  EXPECT_EQ(made("ops.numpy.Cumsum", last), (std::vector<float>{0, 1, 3, 3, 7, 12}));
  EXPECT_EQ(made("ops.numpy.FullLike", Config(Config::Object{}), with("1", 7)), std::vector<float>(6, 7.0f));
  EXPECT_THROW(operation("ops.numpy.Take", last)->call_shapes({{2, 3}}, with("1", 3)), Error);
  EXPECT_THROW(operation("ops.numpy.Take"), Error);  // without an axis samples would be mixed
  EXPECT_THROW(operation("ops.numpy.Cumsum"), Error);
}

TEST(Operations, ItemsFollowPythonsRules) {
  const Array x = Array::from(std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}, {1, 2, 4});
  const Config all = slice({}, {}, {}),
               rest = Config::object({{"class_name", "__ellipsis__"}, {"config", Config::object({})}});
  EXPECT_EQ(result("ops.numpy.GetItem", x, with("1", Config::List{all, 1})), (std::vector<float>{4, 5, 6, 7}));
  EXPECT_EQ(result("ops.numpy.GetItem", x, with("1", Config::List{rest, -1})), (std::vector<float>{3, 7}));
  EXPECT_EQ(result("ops.numpy.GetItem", x, with("1", Config::List{all, 0, slice(-3, {}, 2)})),
            (std::vector<float>{1, 3}));
  EXPECT_EQ(result("ops.numpy.GetItem", x, with("1", Config::List{all, 0, slice({}, {}, -1)})),
            (std::vector<float>{3, 2, 1, 0}));
  const auto layer = operation("ops.numpy.GetItem");
  EXPECT_EQ(layer->call_shapes({{2, 4}}, with("1", Config::List{all, Config(), 0}))[0], (Shape{1, 4}));
  EXPECT_THROW(layer->call_shapes({{2, 4}}, with("1", Config::List{0})), Error);
  EXPECT_THROW(layer->call_shapes({{2, 4}}, with("1", Config::List{all, 2})), Error);
  EXPECT_THROW(layer->call_shapes({{2, 4}}, with("1", Config::List{all, slice(3, 1, {})})), Error);
}

TEST(Operations, WhatWouldMixSamplesIsRefused) {
  EXPECT_THROW(operation("ops.numpy.Mean"), Error);
  EXPECT_THROW(operation("ops.numpy.Mean", Config::object({{"axis", 0}}))->output_shapes({{3}}), Error);
  EXPECT_THROW(
      operation("ops.numpy.Reshape", Config::object({{"newshape", Config::List{-1, 2}}}))->output_shapes({{3}}), Error);
  EXPECT_THROW(operation("ops.numpy.Transpose", Config::object({{"axes", Config::List{1, 0}}}))->output_shapes({{3}}),
               Error);
  EXPECT_THROW(operation("ops.numpy.Matmul")->output_shapes({{3}, {3}}), Error);
  const auto einsum = [](const char* subscripts) {
    return operation("ops.numpy.Einsum", Config::object({{"subscripts", subscripts}}));
  };
  EXPECT_THROW(einsum("ij,jk->ik")->output_shapes({{3}, {3}}), Error);
  EXPECT_THROW(einsum("bij,bjk->ik"), Error);
  EXPECT_THROW(einsum("bij,bjk"), Error);
  const Config table = Config::List{Config::List{1, 2}, Config::List{3, 4}, Config::List{5, 6}};
  EXPECT_THROW(operation("ops.numpy.Dot")->output_shapes({{3}, {3}}), Error);
  EXPECT_THROW(operation("ops.numpy.Dot")->call_shapes({{3}}, with("0", table, {"1"})), Error);
  EXPECT_THROW(operation("ops.numpy.Matmul")->call_shapes({{3}}, with("0", table, {"1"})), Error);
  EXPECT_THROW(operation("ops.core.Slice", Config::object({{"shape", Config::List{2, 2}}})), Error);
  EXPECT_THROW(operation("ops.numpy.Rot90")->output_shapes({{3, 3}}), Error);
  EXPECT_THROW(operation("ops.numpy.Median"), Error);
}

TEST(Operations, ProductsWithConstantsAreThoseOfTheirTable) {
  const Config table = Config::List{Config::List{1, 2}, Config::List{3, 4}, Config::List{5, 6}};
  const Array x = Array::from(std::vector<float>{1, 0, -1, 2, 1, 0}, {1, 2, 3});
  for (const char* key : {"ops.numpy.Matmul", "ops.numpy.Dot"})
    EXPECT_EQ(result(key, x, with("1", table)), (std::vector<float>{-4, -4, 5, 8})) << key;
  EXPECT_EQ(result("ops.numpy.Matmul", Array::from(std::vector<float>{1, -1}, {1, 2, 1}), with("0", table, {"1"})),
            (std::vector<float>{-1, -1, -1}));
}

TEST(Operations, ArgumentsThatAFileMayMakeHugeAreBounded) {
  const Config::List huge{Config(int64_t{1} << 40), Config(int64_t{1} << 40)};
  EXPECT_THROW(operation("ops.image.GaussianBlur", Config::object({{"kernel_size", huge}})), Error);
  EXPECT_THROW(operation("ops.numpy.Diff", Config::object({{"n", int64_t{1} << 40}})), Error);
  EXPECT_THROW(operation("ops.image.ExtractPatches", Config::object({{"size", huge}}))->output_shapes({{5, 6, 3}}),
               Error);
}

TEST(Operations, WholeNumbersAreNotDividedByZero) {
  const Array x = Array::from(std::vector<int32_t>{7, -7, 5}, {1, 3});
  const auto floor_divide = operation("ops.numpy.FloorDivide");
  const auto by = [&](int number) {
    const auto made =
        try_layer(*floor_divide, {x}, {}, {}, {.grain = 1, .training = false, .form = with("1", number)}).outputs[0];
    return std::vector<int32_t>(made.data<int32_t>(), made.data<int32_t>() + 3);
  };
  EXPECT_EQ(by(2), (std::vector<int32_t>{3, -4, 2}));
  EXPECT_EQ(by(-2), (std::vector<int32_t>{-4, 3, -3}));
  EXPECT_THROW(by(0), Error);
}

TEST(Operations, SpecialFunctionsKeepTheirDigitsAtTheEnds) {
  const auto of = [](const char* key, float x) {
    return result(key, Array::from(std::vector<float>{x}, {1, 1}), {})[0];
  };
  EXPECT_FLOAT_EQ(of("ops.math.Erfc", 5), 1.5374597944280347e-12f);
  EXPECT_FLOAT_EQ(of("ops.math.Erfinv", 1e-6f), 8.862269e-07f);
  EXPECT_FLOAT_EQ(of("ops.math.Erfinv", 0.9999999f), 3.743921f);
  EXPECT_EQ(of("ops.math.Erfinv", -1), -std::numeric_limits<float>::infinity());
  EXPECT_FLOAT_EQ(of("ops.numpy.I0", 20), 4.355828e+07f);
}

TEST(Operations, ExtremesThatAreSharedShareTheGradient) {
  const auto layer = operation("ops.numpy.Max", Config::object({{"axis", -1}}));
  const Array x = Array::from(std::vector<float>{1, 3, 3, 2}, {1, 4}), dy = Array::from(std::vector<float>{1}, {1});
  EXPECT_EQ(values(try_layer(*layer, {x}, {}, {dy}, {.grain = 1}).input_gradients[0]),
            (std::vector<float>{0, 0.5f, 0.5f, 0}));
}

}  // namespace
}  // namespace batchwise
