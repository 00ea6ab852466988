// Profiles as JSON and as a trace.
#include "report/profile_record.h"

#include <gtest/gtest.h>

#include "formats/json/json.h"

namespace batchwise {
namespace {

Profile small_profile() {
  Profile profile{.seconds = 2, .steps = 10, .samples = 320, .lanes = 2, .rates = {1e11, 1e10}};
  profile.rows = {{.layer = "dense",
                   .work = "forward",
                   .calls = 40,
                   .seconds = 1.5,
                   .flops = 1e9,
                   .bytes = 1e6,
                   .floor_seconds = 0.75},
                  {.layer = "", .work = "wait for data", .calls = 20, .seconds = 0.25}};
  profile.calls = {{.row = 0, .lane = 1, .begin = 0.001, .seconds = 0.0000015},
                   {.row = 1, .lane = 0, .begin = 0.002, .seconds = 0.001}};
  return profile;
}

std::string trace_text(const Profile& profile) {
  std::string text;
  write_trace(profile, [&](std::string_view piece) { text += piece; });
  return text;
}

TEST(ProfileRecord, HoldsEveryRow) {
  const Config event = profile_event(small_profile());
  EXPECT_EQ(event.at("event").as_string("event"), "profile");
  EXPECT_EQ(event.at("steps").as_int("steps"), 10);
  ASSERT_EQ(event.at("rows").as_list("rows").size(), 2u);
  EXPECT_EQ(event.at("rows").as_list("rows")[0].at("floor_seconds").as_number("floor_seconds"), 0.75);
  EXPECT_EQ(event.at("rows").as_list("rows")[0].at("bytes").as_number("bytes"), 1e6);
}

TEST(ProfileRecord, TraceIsJsonWithALaneEachAndTimesInMicroseconds) {
  const Config trace = parse_json(trace_text(small_profile()), "trace");
  const Config::List& events = trace.at("traceEvents").as_list("traceEvents");
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].at("args").at("name").as_string("name"), "lane 0");
  EXPECT_EQ(events[2].at("name").as_string("name"), "dense forward");
  EXPECT_EQ(events[2].at("ts").as_number("ts"), 1000);
  EXPECT_EQ(events[2].at("dur").as_number("dur"), 1.5);
  EXPECT_EQ(events[3].at("tid").as_int("tid"), 0);
  EXPECT_EQ(events[3].at("name").as_string("name"), "wait for data");
}

TEST(ProfileRecord, ALongTraceComesInPiecesAndIsJson) {
  Profile profile = small_profile();
  profile.calls.resize(5000, profile.calls.front());
  size_t longest = 0;
  write_trace(profile, [&](std::string_view piece) { longest = std::max(longest, piece.size()); });
  EXPECT_LT(longest, 64u << 10);
  EXPECT_EQ(parse_json(trace_text(profile), "trace").at("traceEvents").as_list("traceEvents").size(), 5002u);
}

TEST(ProfileRecord, TraceOfNoCallsIsJsonToo) {
  Profile profile = small_profile();
  profile.calls.clear();
  EXPECT_EQ(parse_json(trace_text(profile), "trace").at("traceEvents").as_list("traceEvents").size(), 2u);
}

}  // namespace
}  // namespace batchwise
