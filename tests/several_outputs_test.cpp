// Predictions of several outputs on the command line: the library's, in memory that does not grow with the samples.
#include <sys/resource.h>

#include <cstring>

#include <batchwise/batchwise.h>

#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

struct SeveralOutputs : Cli {
  Model write_model() const {
    const Symbol x = Input({8});
    Model model(std::vector{x},
                std::vector{Dense({.units = 4096}).named("wide")(x), Dense({.units = 3}).named("a/b")(x),
                            Dense({.units = 4096}).named("more")(x)});
    model.initialize(5);
    model.save(folder + "/several.keras");
    return model;
  }
  std::string rows(int64_t count) const {
    const std::string path = folder + "/x" + std::to_string(count) + ".npy";
    std::vector<float> x(static_cast<size_t>(count * 8));
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 97) / 97.0f;
    write_npy(path, Array::from(x, {count, 8}));
    return path;
  }
  // Of the largest child so far.
  static int64_t peak() {
    struct rusage usage;
    ::getrusage(RUSAGE_CHILDREN, &usage);
    return usage.ru_maxrss * int64_t{1024};
  }
  ChildResult predict(const std::string& x) {
    return run({"predict", folder + "/several.keras", x, "--out", folder + "/y.npz", "--memory", "256M"});
  }
};

TEST_F(SeveralOutputs, ArePredictedInMemoryThatDoesNotGrowWithTheSamples) {
  write_model();
  ASSERT_EQ(predict(rows(1000)).code, 0);
  const int64_t few = peak();
  ASSERT_EQ(predict(rows(4000)).code, 0);  // 125 MiB of outputs
  EXPECT_LT(peak(), few + MiB(16));
  for (const auto& entry : fs::directory_iterator(folder))
    EXPECT_EQ(entry.path().string().find(".tmp-"), std::string::npos) << entry.path();
}

TEST_F(SeveralOutputs, AreThoseOfTheLibrary) {
  const Model model = write_model();
  const std::string x = rows(70);
  const ChildResult result = predict(x);
  ASSERT_EQ(result.code, 0) << result.err;
  const std::vector<Array> wanted = model.predict_outputs(Dataset(read_npy(x)), {.verbose = 0});
  const NpzReader file(folder + "/y.npz");
  ASSERT_EQ(file.members().size(), 3u);
  for (size_t i = 0; i < wanted.size(); ++i) {
    const Array found = file.read(model.output_names()[i]);
    ASSERT_EQ(found.shape(), wanted[i].shape());
    EXPECT_EQ(std::memcmp(found.raw(), wanted[i].raw(), static_cast<size_t>(found.bytes())), 0) << i;
  }
  expect_error(run({"predict", folder + "/several.keras", x, "--out", folder + "/none/y.npz"}), 2, "none");
}

}  // namespace
}  // namespace batchwise
