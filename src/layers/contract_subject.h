// Test support: the examples of all registered layers on inputs that they accept, and how results are compared.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "layers/layer_trial.h"

namespace batchwise::contract {

constexpr int64_t kSamples = 7;  // ragged for every grain that is tried

// Inputs that a layer may take; each example must accept one at least, and is tried with all it accepts.
inline const std::vector<Shapes> kInputs = {
    {{6}},
    {{3, 4}},
    {{5, 6, 3}},
    {{4, 4, 16}},
    {{3, 1, 4}},
    {{4, 5, 3, 2}},
    {{2, 3, 2, 3, 1}},
    {{6}, {6}},
    {{5, 6, 3}, {5, 6, 3}},
    {{3, 4, 16}, {3, 4, 16}, {3, 4, 16}},
    {{4, 6}, {7, 6}},
    {{3, 4}, {4, 5}},
    {{1, 6}},
    {{6, 4}, {5, 3}, {5, 4}},
};

// Operations whose inputs must be positive: elsewhere they are infinite or undefined.
inline const std::set<std::string> kPositive = {
    "ops.numpy.Log",         "ops.numpy.Log2",        "ops.numpy.Log10",  "ops.numpy.Sqrt",       "ops.math.Rsqrt",
    "ops.numpy.Reciprocal",  "ops.numpy.Power",       "ops.numpy.Divide", "ops.numpy.TrueDivide", "ops.numpy.Mod",
    "ops.numpy.FloorDivide", "ops.numpy.DivideNoNan", "ops.numpy.Fmod",   "ops.numpy.Cbrt"};

// Inverses that have a slope in a part of the numbers only.
inline const std::map<std::string, std::pair<float, float>> kRanges = {{"ops.numpy.Arcsin", {-0.9f, 0.9f}},
                                                                       {"ops.numpy.Arccos", {-0.9f, 0.9f}},
                                                                       {"ops.math.Erfinv", {-0.9f, 0.9f}},
                                                                       {"ops.numpy.Arctanh", {-0.9f, 0.9f}},
                                                                       {"ops.numpy.Arccosh", {1.25f, 3.0f}}};

inline Array as_floats(const Array& array) {
  if (array.dtype() == DType::Float32) return array;
  Array floats(DType::Float32, array.shape());
  for (int64_t i = 0; i < array.count(); ++i)
    floats.data<float>()[i] =
        array.dtype() == DType::Int32
            ? static_cast<float>(array.data<int32_t>()[i])
            : static_cast<float>(static_cast<const uint8_t*>(static_cast<const void*>(array.raw()))[i]);
  return floats;
}

struct Subject {
  std::string class_name;
  Config config;
  Shapes shapes;
  DTypePolicy policy = DTypePolicy::Float32;

  std::unique_ptr<Layer> layer() const {
    auto made = Registry<Layer>::instance().make({class_name, config}, "contract");
    made->set_name("layer");
    made->build(shapes);
    made->set_dtype_policy_throughout(policy);
    return made;
  }
  std::vector<Array> inputs() const {
    std::vector<Array> arrays;
    const auto found = kRanges.find(class_name);
    const auto [low, high] =
        found != kRanges.end() ? found->second : std::pair(kPositive.count(class_name) ? 0.25f : -1.0f, 1.0f);
    for (const Shape& shape : shapes)
      arrays.push_back(random_array(shape.with_batch(kSamples), mix(11, arrays.size()), low, high));
    return arrays;
  }
  std::vector<Array> output_gradients() const {
    std::vector<Array> arrays;
    const Shapes outputs = layer()->output_shapes(shapes);
    const std::vector<DType> dtypes = layer()->output_dtypes(DType::Float32, outputs.size());
    for (size_t o = 0; o < outputs.size(); ++o)
      arrays.push_back(dtypes[o] == DType::Float32 ? random_array(outputs[o].with_batch(kSamples), mix(12, o))
                                                   : Array());
    return arrays;
  }
  std::vector<Array> weights() const {
    const auto made = layer();
    return trial_weights(*made, shapes);
  }
  TrialResult run(const TrialOptions& options) const { return run(options, inputs(), weights()); }
  TrialResult run(const TrialOptions& options, const std::vector<Array>& in, const std::vector<Array>& w) const {
    const auto made = layer();
    TrialResult result =
        try_layer(*made, in, w, options.training && learns() ? output_gradients() : std::vector<Array>(), options);
    for (Array& output : result.outputs) output = as_floats(output);
    return result;
  }
  bool learns() const { return layer()->output_dtype(DType::Float32) == DType::Float32; }  // not whole numbers
  int64_t together() const { return layer()->samples_together(); }
  std::string text() const {
    std::string out = class_name + " " + config.text() + " of";
    for (const Shape& shape : shapes) out += " " + shape.text();
    return out;
  }
};

// Layers of text, those that give numbers of categories, where gradients end, and those that take places or constants:
// tests of their own ask them.
inline bool works_on_floats(const Layer& layer) {
  static const std::set<std::string_view> kNumbers{
      "Discretization",   "Hashing",       "IntegerLookup",   "ops.numpy.TakeAlongAxis",
      "ops.nn.BatchNorm", "ops.numpy.Dot", "ops.numpy.Inner", "ops.numpy.Tensordot"};
  return kNumbers.count(layer.class_name()) == 0 && !layer.takes_text() &&
         layer.output_dtype(DType::Float32) == DType::Float32;
}

inline std::vector<Subject> subjects(const std::vector<Shapes>& inputs = kInputs) {
  std::vector<Subject> all;
  for (const std::string& name : Registry<Layer>::instance().names())
    for (const Config& config : Registry<Layer>::instance().find(name)->examples)
      for (const Shapes& shapes : inputs) {
        Subject subject{name, config, shapes};
        const auto layer = Registry<Layer>::instance().make({name, config}, "contract");
        if (!works_on_floats(*layer)) continue;
        try {
          layer->output_shapes(shapes);
        } catch (const Error&) { continue; }
        all.push_back(subject);
      }
  return all;
}

template <class Check>
void for_each_subject(Check check, const std::vector<Subject>& all = subjects()) {
  for (const Subject& subject : all) {
    SCOPED_TRACE(subject.text());
    try {
      check(subject);
    } catch (const std::exception& error) { ADD_FAILURE() << error.what(); }
  }
}

inline void expect_same_arrays(const std::vector<Array>& a, const std::vector<Array>& b, const std::string& what) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].bytes(), b[i].bytes()) << what << i;
    if (a[i].bytes() > 0)
      EXPECT_EQ(std::memcmp(a[i].raw(), b[i].raw(), static_cast<size_t>(a[i].bytes())), 0) << what << i;
  }
}

inline void expect_same_outputs(const TrialResult& a, const TrialResult& b) {
  expect_same_arrays(a.outputs, b.outputs, "output ");
}

inline double largest(const Array& array) {
  double all = 1;
  for (float v : array.values<float>()) all = std::max(all, std::fabs(static_cast<double>(v)));
  return all;
}

inline void expect_close(const std::vector<Array>& a, const std::vector<Array>& b, double tolerance,
                         const std::string& what) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].empty(), b[i].empty()) << what << i;
    if (a[i].empty()) continue;
    ASSERT_EQ(a[i].shape(), b[i].shape()) << what << i;
    const double limit = tolerance * largest(a[i]);
    for (int64_t e = 0; e < a[i].count(); ++e)
      ASSERT_LE(std::fabs(static_cast<double>(a[i].data<float>()[e]) - b[i].data<float>()[e]), limit)
          << what << i << "[" << e << "]";
  }
}

inline void expect_close(const TrialResult& a, const TrialResult& b, double tolerance) {
  expect_close(a.outputs, b.outputs, tolerance, "output ");
  expect_close(a.input_gradients, b.input_gradients, tolerance, "input gradient ");
  expect_close(a.weight_gradients, b.weight_gradients, tolerance, "weight gradient ");
  expect_close(a.weights, b.weights, tolerance, "weight ");
  EXPECT_NEAR(a.added_loss, b.added_loss, 1e-5 * std::max(1.0, std::fabs(a.added_loss)));
}

}  // namespace batchwise::contract
