// Facts of safetensors files: what is written comes back, and nothing is believed that the file does not hold.
#include "formats/safetensors/safetensors.h"

#include <filesystem>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include <batchwise/error.h>

namespace batchwise {
namespace {

const std::string kPath = (std::filesystem::path(::testing::TempDir()) / "bw_test.safetensors").string();

std::string with_header(const std::string& header, size_t data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 255);
  return bytes + header + std::string(data, '\0');
}

std::string message_of(const std::string& bytes) {
  std::ofstream(kPath, std::ios::binary) << bytes;
  try {
    SafetensorsReader reader(kPath);
    return "accepted";
  } catch (const Error& error) { return error.what(); }
}

TEST(Safetensors, WhatIsWrittenComesBack) {
  const std::vector<float> a{1, 2, 3, 4, 5, 6}, b{7};
  write_safetensors(kPath, {{"dense/kernel", {2, 3}, a}, {"scale", {}, b}, {"none", {0, 4}, {}}}, {{"format", "x"}});
  const SafetensorsReader reader(kPath);
  ASSERT_EQ(reader.arrays().size(), 3u);
  EXPECT_EQ(reader.metadata().at("format"), "x");
  EXPECT_EQ(reader.arrays().at("dense/kernel").shape, (Shape{2, 3}));
  EXPECT_EQ(reader.arrays().at("dense/kernel").offset % 8, 0);
  EXPECT_EQ(reader.floats("dense/kernel", {2, 3}), a);
  EXPECT_THROW(reader.floats("dense/kernel", {3, 2}), Error);
  EXPECT_THROW(reader.floats("nobody", {3, 2}), Error);
}

TEST(Safetensors, HalvesComeAsFloats) {
  std::string bytes = with_header(R"({"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}})", 0);
  for (const uint16_t half : {0x3c00, 0xc000, 0x0001, 0x7bff}) bytes += std::string{char(half & 255), char(half >> 8)};
  EXPECT_EQ(message_of(bytes), "accepted");
  EXPECT_EQ(SafetensorsReader(kPath).floats("h", {4}), (std::vector<float>{1.0f, -2.0f, 5.9604645e-8f, 65504.0f}));
}

TEST(Safetensors, BfloatsAndDoublesComeAsFloats) {
  std::string bytes = with_header(R"({"b":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}})", 0);
  for (const uint16_t value : {0x3fc0, 0xff80}) bytes += std::string{char(value & 255), char(value >> 8)};
  EXPECT_EQ(message_of(bytes), "accepted");
  EXPECT_EQ(SafetensorsReader(kPath).floats("b", {2}),
            (std::vector<float>{1.5f, -std::numeric_limits<float>::infinity()}));
  const double third = 1.0 / 3;
  bytes = with_header(R"({"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})", 0);
  EXPECT_EQ(message_of(bytes + std::string(reinterpret_cast<const char*>(&third), 8)), "accepted");
  EXPECT_EQ(SafetensorsReader(kPath).floats("d", {1}), std::vector<float>{1.0f / 3});
  bytes = with_header(R"({"i":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}})", 4);
  EXPECT_EQ(message_of(bytes), "accepted");
  EXPECT_THROW(SafetensorsReader(kPath).floats("i", {1}), Error);
}

TEST(Safetensors, WhatDoesNotTileTheFileIsRefused) {
  const auto one = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return "{\"a\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
  };
  EXPECT_EQ(message_of(with_header(one("F32", "[2]", "[0,8]"), 8)), "accepted");
  EXPECT_NE(message_of(with_header(one("F32", "[2]", "[0,8]"), 9)).find("1 bytes more"), std::string::npos);
  EXPECT_NE(message_of(with_header(one("F32", "[2]", "[4,12]"), 12)).find("gap"), std::string::npos);
  EXPECT_NE(message_of(with_header(one("F32", "[3]", "[0,8]"), 8)).find("12 bytes"), std::string::npos);
  EXPECT_NE(message_of(with_header(one("F32", "[4294967296,4294967296]", "[0,8]"), 8)).find("63 bits"),
            std::string::npos);
  EXPECT_NE(message_of(with_header(one("F31", "[2]", "[0,8]"), 8)).find("F31"), std::string::npos);
  EXPECT_NE(message_of(with_header(one("F32", "[-2]", "[0,8]"), 8)), "accepted");
  EXPECT_NE(message_of("short"), "accepted");
  EXPECT_NE(message_of(std::string(8, '\xff') + "{}"), "accepted");
  EXPECT_NE(
      message_of(with_header(
          R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
          4)),
      "accepted");
}

}  // namespace
}  // namespace batchwise
