// Operations on tensors, read from models as Keras writes them, give Keras's numbers and gradients at every grain.
#include <cmath>

#include <gtest/gtest.h>

#include "formats/json/json.h"
#include "layers/layer_trial.h"
#include "saving/model_reader.h"

namespace batchwise {
namespace {

const char* const kFile = BATCHWISE_SOURCE_DIR "/tests/golden/operations.json";  // make/operations.py makes it

Array array_of(const Config& value) {
  std::vector<float> numbers;
  for (const Config& number : value.at("values").as_list())
    numbers.push_back(number.is_string() ? std::stof(number.as_string()) : static_cast<float>(number.as_number()));
  std::vector<int64_t> dims;
  for (const Config& dim : value.at("shape").as_list()) dims.push_back(dim.as_int());
  return Array::from(numbers, Shape(dims)).cast(dtype_named(value.at("dtype").as_string()));
}

void expect_near(const Config& expected, const Array& got) {
  const Array wanted = array_of(expected);
  ASSERT_EQ(got.shape(), wanted.shape());
  ASSERT_EQ(got.dtype(), wanted.dtype());
  const Array a = wanted.cast(DType::Float32), b = got.cast(DType::Float32);
  for (int64_t i = 0; i < a.count(); ++i) {
    if (std::isnan(a.data<float>()[i]) && std::isnan(b.data<float>()[i])) continue;
    const float limit = 1e-5f * std::max(1.0f, std::fabs(a.data<float>()[i]));
    ASSERT_NEAR(a.data<float>()[i], b.data<float>()[i], limit) << i;
  }
}

TEST(OperationsGolden, AgreeWithKerasAtEveryGrain) {
  const Config cases = read_json(kFile);
  for (const auto& [name, golden] : cases.as_object()) {
    SCOPED_TRACE(name);
    const Model model = read_model(golden.at("model"), {name, {}});
    const GraphNode& call = *model.outputs()[0].node();
    std::vector<Array> inputs, slopes;
    for (const Config& input : golden.at("inputs").as_list()) inputs.push_back(array_of(input));
    for (const Config& slope : golden.at("output_gradients").as_list())
      slopes.push_back(slope.is_null() ? Array() : array_of(slope));
    const bool learns = !slopes.front().empty();
    if (!learns) slopes.clear();
    for (const int64_t grain : {1, 2, 8}) {
      TrialOptions options{.grain = grain, .training = learns};
      options.form = call.form;
      const TrialResult result = try_layer(*call.layer, inputs, {}, slopes, options);
      const auto& outputs = golden.at("outputs").as_list();
      ASSERT_EQ(result.outputs.size(), outputs.size());
      for (size_t o = 0; o < outputs.size(); ++o) {
        expect_near(outputs[o], result.outputs[o]);
        EXPECT_EQ(model.outputs()[o].dtype(), result.outputs[o].dtype());
      }
      const auto& gradients = golden.at("input_gradients").as_list();
      for (size_t i = 0; learns && i < gradients.size(); ++i)
        if (!gradients[i].is_null()) expect_near(gradients[i], result.input_gradients[i]);
    }
  }
  EXPECT_EQ(cases.as_object().size(), 229u);
}

}  // namespace
}  // namespace batchwise
