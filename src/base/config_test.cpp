// Configs: typed access, messages, JSON text, and the Specs they stand for.
#include <batchwise/config.h>

#include <cmath>
#include <functional>
#include <limits>

#include <gtest/gtest.h>

#include "base/known_keys.h"

#include <batchwise/error.h>

namespace batchwise {
namespace {

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) { return error.what(); }
  return "no error";
}

TEST(Config, TextIsPythonsJson) {
  Config config = Config::object({{"units", 10},
                                  {"rate", 0.001f},
                                  {"tiny", 1e-7},
                                  {"big", 1e20},
                                  {"whole", 2.0},
                                  {"on", true},
                                  {"none", nullptr}});
  config.set("list", Config::List{1, "two", 0.5});
  config.set("empty", Config(Config::Object{}));
  EXPECT_EQ(
      config.text(),
      R"({"units": 10, "rate": 0.001, "tiny": 1e-07, "big": 1e+20, "whole": 2.0, "on": true, "none": null, "list": [1, "two", 0.5], "empty": {}})");
  EXPECT_EQ(Config("a\"b\\\n").text(), R"("a\"b\\\u000a")");
  EXPECT_EQ(Config(std::numeric_limits<double>::infinity()).text(), "Infinity");
  EXPECT_EQ(Config(Config::List{}).text(), "[]");
}

TEST(Config, TextIsUtf8WhateverTheStringsAre) {
  EXPECT_EQ(Config("caf\xe9").text(), "\"caf\xef\xbf\xbd\"");
  EXPECT_EQ(Config::object({{"\xff", "caf\xc3\xa9"}}).text(), "{\"\xef\xbf\xbd\": \"caf\xc3\xa9\"}");
}

TEST(Config, AFloatBecomesTheDecimalThatWasWritten) {
  EXPECT_EQ(Config(0.1f).as_number(), 0.1);
  EXPECT_EQ(Config(1e-3f).as_number(), 1e-3);
  EXPECT_EQ(static_cast<float>(Config(0.3333333f).as_number()), 0.3333333f);
  EXPECT_TRUE(std::isnan(Config(std::numeric_limits<float>::quiet_NaN()).as_number()));
}

TEST(Config, WrongTypesNameThePlaceTheRuleAndTheValue) {
  EXPECT_EQ(message_of([] { Config("abc").as_int("dense.units"); }),
            R"([dense.units] the value must be an integer. Got "abc".)");
  EXPECT_EQ(message_of([] { Config(1.5).as_int("n"); }), "[n] the value must be an integer. Got 1.5.");
  EXPECT_EQ(Config(3.0).as_int(), 3);
  EXPECT_NE(message_of([] { Config(1e300).as_int("n"); }), "no error");
  EXPECT_NE(message_of([] { Config(std::nan("")).as_int("n"); }), "no error");
  EXPECT_NE(message_of([] { Config(1).as_bool("trainable"); }), "no error");
  EXPECT_NE(message_of([] { Config(true).as_number("rate"); }), "no error");
  EXPECT_NE(message_of([] { Config(Config::Object{}).at("units"); }).find("\"units\" must be present"),
            std::string::npos);
  EXPECT_LT(message_of([] { Config(std::string(100000, 'x')).as_int("n"); }).size(), 400u);
}

TEST(Config, GetTakesTheDefaultForAbsentAndNull) {
  const Config config = Config::object({{"a", nullptr}, {"b", 2}});
  EXPECT_EQ(config.get("a", 5), 5);
  EXPECT_EQ(config.get("b", 5), 2);
  EXPECT_EQ(config.get("c", 0.5), 0.5);
  EXPECT_EQ(config.get("c", "text"), "text");
  EXPECT_EQ(config.get("c", true), true);
  EXPECT_THROW(config.get("b", true), Error);
}

TEST(Config, OneIntegerStandsForAll) {
  const Config config = Config::object({{"size", 3}, {"pair", Config::List{2, 1}}, {"bad", Config::List{1, 2, 3}}});
  EXPECT_EQ(config.get_ints("size", 2, 1), (std::vector<int64_t>{3, 3}));
  EXPECT_EQ(config.get_ints("pair", 2, 1), (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(config.get_ints("none", 2, 7), (std::vector<int64_t>{7, 7}));
  EXPECT_THROW(config.get_ints("bad", 2, 1), Error);
}

TEST(Config, SetReplacesInPlaceAndEraseRemoves) {
  Config config;
  config.set("a", 1);
  config.set("b", 2);
  config.set("a", 3);
  EXPECT_EQ(config.text(), R"({"a": 3, "b": 2})");
  config.erase("a");
  EXPECT_EQ(config.text(), R"({"b": 2})");
  EXPECT_THROW(Config(1).set("a", 1), Error);
}

TEST(Config, SpecsComeFromNamesObjectsAndFunctions) {
  EXPECT_EQ(spec_of(Config("relu"), "activation"), Spec("relu"));
  EXPECT_TRUE(spec_of(Config(), "activation").empty());
  const Spec adam("Adam", Config::object({{"epsilon", 1e-7}}));
  EXPECT_EQ(spec_of(config_of(adam), "optimizer"), adam);
  EXPECT_EQ(spec_of(Config::object({{"class_name", "Adam"}, {"config", nullptr}}), "optimizer"), Spec("Adam"));
  EXPECT_EQ(
      spec_of(Config::object({{"module", "builtins"}, {"class_name", "function"}, {"config", "mean_squared_error"}}),
              "loss"),
      Spec("mean_squared_error"));
  EXPECT_THROW(spec_of(Config(3), "optimizer"), Error);
  EXPECT_THROW(spec_of(Config::object({{"class_name", "Adam"}, {"config", 3}}), "optimizer"), Error);
  EXPECT_THROW(spec_of(Config::object({{"class_name", 7}}), "optimizer"), Error);
}

TEST(KnownKeys, UnknownKeysAreRefusedWithASuggestion) {
  require_known_keys(Config::object({{"rate", 1}, {"dtype", "float32"}}), "Dropout", {"rate"});
  EXPECT_EQ(message_of([] {
              require_known_keys(Config::object({{"rat", 1}}), "Dropout", {"rate", "seed"});
            }),
            R"([Dropout] every argument must be one that it knows. Got "rat": 1. Did you mean "rate"?)");
  EXPECT_THROW(require_known_keys(Config::object({{"dtype", "float64"}}), "Dropout", {"rate"}), Error);
}

}  // namespace
}  // namespace batchwise
