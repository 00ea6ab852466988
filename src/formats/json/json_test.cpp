// Facts of JSON text: what Python writes comes back, and bad text is refused with its place.
#include "formats/json/json.h"

#include <cmath>

#include <gtest/gtest.h>

#include <batchwise/error.h>

namespace batchwise {
namespace {

std::string message_of(std::string_view text, const JsonLimits& limits = {}) {
  try {
    parse_json(text, "file.json", limits);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Input);
    return error.what();
  }
  return "accepted";
}

TEST(Json, ReadsEveryKindOfValueAndKeepsTheOrderOfKeys) {
  const Config value =
      parse_json(R"( {"b": [1, -2, 2.5, 1e3], "a": {"t": true, "f": false, "n": null}, "s": "\u00e9\n\"x"} )", "x");
  EXPECT_EQ(value.text(), R"({"b": [1, -2, 2.5, 1000.0], "a": {"t": true, "f": false, "n": null}, "s": ")"
                          "\u00e9"
                          R"(\u000a\"x"})");
  EXPECT_TRUE(value.at("b").as_list()[0].is_int());
  EXPECT_FALSE(value.at("b").as_list()[3].is_int());
}

TEST(Json, ReadsPythonsNonFiniteNumbersButNotInsideStrings) {
  const Config list = parse_json(R"(["NaN", NaN, "a\"Infinity", -Infinity, {"Infinity": Infinity}, "?"])", "x");
  EXPECT_EQ(list.as_list()[0].as_string(), "NaN");
  EXPECT_TRUE(std::isnan(list.as_list()[1].as_number()));
  EXPECT_EQ(list.as_list()[2].as_string(), "a\"Infinity");
  EXPECT_EQ(list.as_list()[3].as_number(), -INFINITY);
  EXPECT_EQ(list.as_list()[4].at("Infinity").as_number(), INFINITY);
  EXPECT_EQ(list.as_list()[5].as_string(), "?");
  EXPECT_NE(message_of("{NaN: 1}").find("keys must be strings"), std::string::npos);
  EXPECT_NE(message_of("[NaNa]").find("byte"), std::string::npos);
}

TEST(Json, LargeIntegersStayExactWhileTheyFit) {
  const Config list = parse_json(
      "[9223372036854775807, -9223372036854775808, 18446744073709551615, 123456789012345678901234567890]", "x");
  EXPECT_EQ(list.as_list()[0].as_int(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(list.as_list()[1].as_int(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(list.as_list()[2].as_number(), 18446744073709551615.0);
  EXPECT_EQ(list.as_list()[3].as_number(), 123456789012345678901234567890.0);
}

TEST(Json, DoublesComeBackFromTheirShortestText) {
  for (double number : {0.1, 1e-7, 0.0010000000474974513, 5e-324, 1.7976931348623157e308, -0.0, 3.0}) {
    const Config back = parse_json(Config(number).text(), "x");
    EXPECT_FALSE(back.is_int());
    EXPECT_EQ(back.as_number(), number);
    EXPECT_EQ(std::signbit(back.as_number()), std::signbit(number));
  }
}

TEST(Json, ErrorsNameFileAndByte) {
  EXPECT_NE(message_of("{\"a\": 1,}").find("[file.json] the text must be JSON. Got an error at byte 9"),
            std::string::npos)
      << message_of("{\"a\": 1,}");
  for (const char* bad : {"", " ", "{", "[1", "nul", "[1] 2", "{\"a\"}", "'a'", "[1,]", "\"\xff\"", "\"a", "[01]",
                          "[1e999]", "\x01", "[\"\\ud800\"]", "-", "N", "Inf"})
    EXPECT_NE(message_of(bad).find("byte"), std::string::npos) << bad << ": " << message_of(bad);
}

TEST(Json, RefusesDepthSizeCountAndDuplicateKeysBeyondTheLimits) {
  const auto nested = [](int depth) {
    return std::string(static_cast<size_t>(depth), '[') + std::string(static_cast<size_t>(depth), ']');
  };
  EXPECT_EQ(message_of(nested(128)), "accepted");
  EXPECT_NE(message_of(nested(129)).find("at most 128 deep"), std::string::npos);
  EXPECT_NE(message_of(std::string(1'000'000, '[')).find("at most 128 deep"), std::string::npos);
  EXPECT_NE(message_of("[1, 2, 3]", {.values = 3}).find("at most 3 values"), std::string::npos);
  EXPECT_NE(message_of("[1, 2, 3]", {.bytes = 8}).find("at most 8 bytes"), std::string::npos);
  EXPECT_NE(message_of(R"({"a": 1, "b": 2, "a": 3})").find("\"a\" twice"), std::string::npos);
}

TEST(Json, TheIndentedFormReadsBackAndPutsPlainListsOnOneLine) {
  const Config value = parse_json(R"({"a": [1, 2], "b": [{"c": null}], "d": {}, "e": []})", "x");
  EXPECT_EQ(indented_json(value),
            "{\n  \"a\": [1, 2],\n  \"b\": [\n    {\n      \"c\": null\n    }\n  ],\n  \"d\": {},\n  \"e\": []\n}\n");
  EXPECT_EQ(parse_json(indented_json(value), "x"), value);
}

TEST(Json, ReadsTheGoldenFiles) {
  const Config traces = read_json(BATCHWISE_SOURCE_DIR "/tests/golden/optimizers.json");
  EXPECT_FALSE(traces.at("traces").as_object().empty());
  EXPECT_THROW(read_json("/missing.json"), Error);
}

}  // namespace
}  // namespace batchwise
