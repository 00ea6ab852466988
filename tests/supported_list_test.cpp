// docs/supported.md is what the program says of its registries.
#include <fstream>
#include <sstream>

#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

struct SupportedList : Cli {};

TEST_F(SupportedList, IsWhatIsRegistered) {
  const std::string printed = folder + "/supported.md";
  ASSERT_EQ(run({"supported"}, printed).code, 0);
  const auto text = [](const std::string& path) {
    std::stringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
  };
  EXPECT_EQ(text(BATCHWISE_SOURCE_DIR "/docs/supported.md"), text(printed))
      << "build/batchwise supported > docs/supported.md";
}

}  // namespace
}  // namespace batchwise
