// docs/supported.md names every registered class, and no other.
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <batchwise/loss.h>
#include <batchwise/metric.h>
#include <batchwise/optimizer.h>
#include <gtest/gtest.h>

namespace batchwise {
namespace {

// The names in the first paragraph of a section.
std::set<std::string> listed(const std::string& section) {
  std::ifstream file(BATCHWISE_SOURCE_DIR "/docs/supported.md");
  std::string line, text;
  bool inside = false;
  while (std::getline(file, line)) {
    if (line.starts_with("## ")) inside = line == "## " + section;
    else if (inside && line.empty() && !text.empty()) inside = false;
    else if (inside) text += line + " ";
  }
  std::set<std::string> names;
  std::stringstream words(std::regex_replace(text, std::regex(","), " "));
  for (std::string word; words >> word;) names.insert(word);
  return names;
}

template <class Base>
std::set<std::string> registered() {
  const auto names = Registry<Base>::instance().names();
  return {names.begin(), names.end()};
}

TEST(SupportedList, IsWhatIsRegistered) {
  EXPECT_EQ(listed("Losses"), registered<Loss>());
  EXPECT_EQ(listed("Metrics"), registered<Metric>());
  EXPECT_EQ(listed("Optimizers"), registered<Optimizer>());
  EXPECT_EQ(listed("Schedules"), registered<Schedule>());
  EXPECT_EQ(listed("Regularizers"), registered<Regularizer>());
  EXPECT_EQ(listed("Constraints"), registered<Constraint>());
  EXPECT_EQ(listed("Initializers"), registered<Initializer>());
}

}  // namespace
}  // namespace batchwise
