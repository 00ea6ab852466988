// The command convert: models go from format to format and stay the same.
#include <hdf5.h>

#include <batchwise/layers.h>

#include "base/atomic_file.h"
#include "formats/hdf5/hdf5_writer.h"
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

TEST_F(Convert, ArraysOfAnHdf5FileAreShownWithTheirTypes) {
  AtomicFile file(folder + "/a.weights.h5");
  Hdf5Writer writer(file, 0);
  writer.floats("layers/dense/vars/0", {2, 3}, std::vector<float>(6));
  writer.integer("counts/0", int64_t{1} << 40);
  writer.finish();
  file.commit();
  EXPECT_EQ(run({"inspect", folder + "/a.weights.h5"}).out,
            "weights alone, of no model that is stated\n"
            "counts/0: int64 (), 8 B\n"
            "layers/dense/vars/0: float32 (2, 3), 24 B\n");
}

TEST_F(Convert, AGroupInsideItselfIsRefused) {
  const std::string path = folder + "/a.weights.h5";
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  ASSERT_GE(file, 0);
  const hid_t group = H5Gcreate2(file, "layers", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  EXPECT_GE(H5Lcreate_hard(file, "layers", group, "again", H5P_DEFAULT, H5P_DEFAULT), 0);
  H5Gclose(group);
  H5Fclose(file);
  expect_error(run({"inspect", path}), 2, "groups may lie in one another 64 deep at most. Got more.");
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
