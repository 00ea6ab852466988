// The command convert: models go from format to format and stay the same.
#include <batchwise/layers.h>

#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

const std::string kGolden = BATCHWISE_SOURCE_DIR "/tests/golden/";

struct Convert : Cli {
  void convert(const std::string& from, const std::string& to, const Words& more = {}) {
    Words words{"convert", from, folder + "/" + to};
    words.insert(words.end(), more.begin(), more.end());
    const ChildResult result = run(words);
    ASSERT_EQ(result.code, 0) << result.err;
    EXPECT_TRUE(fs::exists(folder + "/" + to));
  }
  void expect_same(const std::string& path, const Model& model) {
    const Model other = Model::load(path);
    const auto a = other.weights(), b = model.weights();
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i]->value, b[i]->value) << a[i]->path;
  }
};

TEST_F(Convert, AModelGoesThroughAllFormatsThatHoldIt) {
  const std::string start = kGolden + "keras-files/multi.keras";
  const Model model = Model::load(start);
  convert(start, "a.h5");
  convert(folder + "/a.h5", "b.keras");
  expect_same(folder + "/b.keras", model);
  EXPECT_EQ(Model::load(folder + "/b.keras").optimizer_state().slots, model.optimizer_state().slots);
  convert(start, "c.safetensors");
  convert(start, "d.weights.h5");
  for (const char* weights : {"c.safetensors", "d.weights.h5"}) {
    convert(start, "e.keras", {"--weights", folder + "/" + weights});
    expect_same(folder + "/e.keras", model);
  }
  convert(start, "f.onnx");
}

TEST_F(Convert, FilesOfAllKindsAreInspected) {
  const std::string start = kGolden + "fit/mlp_a.keras";
  convert(start, "a.h5");
  convert(start, "b.weights.h5");
  convert(start, "c.safetensors");
  EXPECT_NE(run({"inspect", folder + "/a.h5"}).out.find("Dense"), std::string::npos);
  EXPECT_NE(run({"inspect", folder + "/b.weights.h5"}).out.find("layers/dense/vars/0"), std::string::npos);
  EXPECT_NE(run({"inspect", folder + "/c.safetensors"}).out.find("kernel: F32"), std::string::npos);
}

TEST_F(Convert, WhatCannotBeDoneIsRefusedAndNothingIsWritten) {
  const std::string start = kGolden + "fit/mlp_a.keras";
  expect_error(run({"convert", start, folder + "/a.pt"}), 2, "must end in");
  expect_error(run({"convert", folder + "/nobody.keras", folder + "/a.h5"}), 2, "nobody.keras");
  expect_error(run({"convert", kGolden + "keras-files/multi.h5", folder + "/a.keras"}), 2, "weights alone");
  expect_error(run({"convert", start, folder + "/a.keras", "--weights", kGolden + "keras-files/legacy.h5"}), 2,
               "shape");
  EXPECT_FALSE(fs::exists(folder + "/a.h5"));
  EXPECT_FALSE(fs::exists(folder + "/a.keras"));
}

}  // namespace
}  // namespace batchwise
