// Where the time went, as a page shows it.
#include "report/html/profile_section.h"

#include <gtest/gtest.h>

#include "report/html/well_formed_test.h"
#include "report/profile_record.h"

namespace batchwise {
namespace {

Profile two_layers() {
  Profile profile{.seconds = 2, .steps = 10, .samples = 320, .lanes = 2, .rates = {1e11, 1e10}};
  profile.rows = {
      {.layer = "dense <1>",
       .work = "forward",
       .calls = 40,
       .seconds = 1.0,
       .flops = 1e9,
       .bytes = 10 * 1.5 * 1024 * 1024,
       .floor_seconds = 0.75},
      {.layer = "", .work = "validation", .calls = 2, .seconds = 0.5},
      {.layer = "", .work = "update", .calls = 20, .seconds = 0.3, .bytes = 10 * 1024 * 1024, .floor_seconds = 0.15},
      {.layer = "", .work = "wait for lanes", .seconds = 0.2}};
  return profile;
}

std::string text_of(const Profile& profile) {
  const Markup markup = read_markup("<div>" + profile_section(profile_event(profile)) + "</div>");
  EXPECT_EQ(markup.fault, "");
  return markup.text;
}

void expect_in_order(const std::string& text, const std::vector<std::string>& parts) {
  size_t at = 0;
  for (const std::string& part : parts) {
    const size_t found = text.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << " after " << text.substr(at);
    at = found + part.size();
  }
}

TEST(ProfileSection, ARowHasTimeBytesShareAndHowNearItIsToItsFloor) {
  const std::string text = text_of(two_layers());
  expect_in_order(text, {"10 steps in 2 s on 2 lanes, without the first.", "time of a step", "MiB of a step", "share",
                         "floor", "floor ÷ time"});
  const size_t table = text.find("floor ÷ time");
  ASSERT_NE(table, std::string::npos);
  const std::string rows = text.substr(table);
  expect_in_order(rows, {"forward", "40", "100", "1.5", "50", "75", "75"});
  expect_in_order(rows, {"validation", "2", "50", "–", "25", "–", "–"});
  expect_in_order(rows, {"update", "20", "30", "1", "15", "15", "50"});
  expect_in_order(rows, {"wait for lanes", "–", "20", "–", "10", "–", "–"});
}

TEST(ProfileSection, AWholeStepIsAllButWhatLiesBetweenSteps) {
  expect_in_order(text_of(two_layers()), {"a whole step", "150", "2.5", "75", "90", "60"});
}

TEST(ProfileSection, SaysWhatTheFloorIsMadeOfWhereItIsKnown) {
  Profile profile = two_layers();
  expect_in_order(text_of(profile), {"100 GFLOP/s", "10 GB/s", "100 % is as fast as that"});
  profile.rates = {};
  EXPECT_EQ(text_of(profile).find("GFLOP/s"), std::string::npos);
}

TEST(ProfileSection, IsNothingWhereThereIsNoProfile) { EXPECT_EQ(profile_section(Config(Config::Object{})), ""); }

}  // namespace
}  // namespace batchwise
