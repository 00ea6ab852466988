// The command line's DATA: options that the data given would not take are refused, by name.
#include <fstream>

#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

struct CliData : Cli {};

TEST_F(CliData, OptionsThatTheDataDoesNotTakeAreRefusedByEveryCommand) {
  ASSERT_EQ(run(train({"--out", folder + "/run"})).code, 0);
  const std::string model = folder + "/run/model.keras";
  const std::vector<Words> commands = {
      train({}),
      {"evaluate", model, data},
      {"predict", model, data, "--out", folder + "/y.npy"},
      {"plan", "mlp", data, "--batch-size", "8"},
      {"tune", "mlp", data, "--samples", "2000"},
      {"sweep", "mlp", data, "--batch-sizes", "8,16", "--epochs", "1"},
  };
  const std::vector<Words> options = {{"--cache", folder},         {"--image-size", "8"}, {"--on-bad-file", "skip"},
                                      {"--color-mode", "rgb"},     {"--target", "y"},     {"--data-dir", "."},
                                      {"--interpolation", "area"}, {"--follow-links"},    {"--label-mode", "int"},
                                      {"--crop-to-aspect-ratio"}};
  for (const Words& command : commands)
    for (const Words& option : options) {
      Words words = command;
      words.insert(words.end(), option.begin(), option.end());
      const ChildResult result = run(words);
      expect_error(result, 2, "[" + option[0] + "] the option belongs to ");
      EXPECT_NE(result.err.find(data + ", an .npz file"), std::string::npos) << result.err;
    }
  expect_error(run({"plan", "mlp", "--batch-size", "8", "--image-size", "8"}), 2, "Got no data");
  expect_error(run({"plan", "mlp", "fashion-mnist", "--batch-size", "8", "--cache", folder}), 2, "a built-in data set");
}

TEST_F(CliData, AnOptionThatOnlyTheValidationDataTakesIsTaken) {
  std::ofstream csv(folder + "/v.csv");
  csv << "a,b,c,d,e,f,g,h,y\n1,2,3,4,5,6,7,8,0\n1,2,3,4,5,6,7,8,2\n";
  csv.close();
  const ChildResult result = run(train({"--validation-data", folder + "/v.csv", "--target", "y"}));
  EXPECT_EQ(result.code, 0) << result.err;
}

}  // namespace
}  // namespace batchwise
