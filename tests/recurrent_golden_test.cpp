// A recurrent model of real Keras, read from its file: what it predicts, and the same bits however it is trained.
#include <batchwise/model.h>
#include <gtest/gtest.h>

#include "layers/golden_archive.h"
#include "model/builtin/builtin.h"

namespace batchwise {
namespace {

const std::string kGolden = std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/";

TEST(RecurrentGolden, PredictsWhatKerasPredicts) {
  auto arrays = read_golden_archive(kGolden + "rnn.npz");
  const Model model = Model::load(kGolden + "rnn.keras");
  const Array got = model.predict(arrays.at("x0").cast(DType::Float32)), &expected = arrays.at("infer_out");
  ASSERT_EQ(got.shape(), expected.shape());
  for (int64_t i = 0; i < got.count(); ++i) EXPECT_NEAR(got.data<float>()[i], expected.data<float>()[i], 1e-5);
}

TEST(RecurrentGolden, TheBuiltInLstmTrainsToTheSameBitsOnAnyNumberOfLanes) {
  Array x(DType::Float32, {70, 20, 5}), y(DType::Int64, {70});
  for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = static_cast<float>((i * 37) % 19) / 19.0f;
  for (int64_t i = 0; i < 70; ++i) y.data<int64_t>()[i] = i % 3;
  std::vector<std::vector<Array>> weights;
  for (const int lanes : {1, 2, 3}) {
    Model model = builtin_model("lstm").make({{20, 5}, DType::Float32, 3});
    model.compile(builtin_compile_options(true));
    model.fit(x, y, {.batch_size = 32, .epochs = 2, .lanes = lanes, .verbose = 0});
    weights.push_back(model.get_weights());
  }
  for (size_t run = 1; run < weights.size(); ++run)
    for (size_t w = 0; w < weights[run].size(); ++w)
      for (int64_t i = 0; i < weights[0][w].count(); ++i)
        ASSERT_EQ(weights[run][w].data<float>()[i], weights[0][w].data<float>()[i]) << run << " " << w;
}

}  // namespace
}  // namespace batchwise
