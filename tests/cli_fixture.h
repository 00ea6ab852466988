// A folder with small data, and the program run on it: for tests of the command line.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "formats/npz/npz.h"
#include "tests/child_process.h"

namespace batchwise {

namespace fs = std::filesystem;
using nlohmann::json;
using Words = std::vector<std::string>;

struct Cli : testing::Test {
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder = testing::TempDir() + "batchwise_cli_" + test->name();
    fs::remove_all(folder);
    fs::create_directories(folder);
    data = folder + "/data.npz";
    std::vector<float> x(kSamples * 8);
    std::vector<uint8_t> y(kSamples);
    for (size_t i = 0; i < y.size(); ++i) {
      y[i] = static_cast<uint8_t>(i % 3);
      for (size_t k = 0; k < 8; ++k)
        x[i * 8 + k] = static_cast<float>((i * 31 + k * 17) % 23) / 23.0f + (k % 3 == y[i] ? 1.0f : 0.0f);
    }
    write_npz(data, {{"x", Array::from(x, {kSamples, 8})}, {"y", Array::from(y, {kSamples})}});
  }
  void TearDown() override { fs::remove_all(folder); }

  ChildResult run(const Words& words, const std::string& out_path = "") {
    return Child(program, words, folder, out_path).wait();
  }
  Words train(const Words& more, int epochs = 2, int batch_size = 100, const std::string& memory = "256M") {
    Words words{"train",    "mlp", data, "--batch-size", std::to_string(batch_size), "--epochs", std::to_string(epochs),
                "--memory", memory};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string hash(const ChildResult& result) {
    EXPECT_EQ(result.code, 0) << result.err;
    return result.code == 0 ? json::parse(result.last_line())["weights_sha256"].get<std::string>() : "";
  }
  static std::vector<json> events(const std::string& text) {
    std::vector<json> all;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) all.push_back(json::parse(line));
    return all;
  }
  static std::vector<json> events_named(const std::string& name, const std::vector<json>& all) {
    std::vector<json> found;
    for (const json& event : all)
      if (event["event"] == name) found.push_back(event);
    return found;
  }
  static void expect_error(const ChildResult& result, int code, const std::string& part) {
    EXPECT_EQ(result.code, code) << result.err;
    EXPECT_TRUE(result.err.starts_with("batchwise: [")) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
  }

  // The budget that a refusal names: "at least 25M".
  static std::string named_budget(const ChildResult& refused) {
    EXPECT_EQ(refused.code, 3) << refused.err;
    const size_t at = refused.err.find("at least ");
    EXPECT_NE(at, std::string::npos) << refused.err;
    return at == std::string::npos ? "" : refused.err.substr(at + 9, refused.err.find_first_of(" ,.", at + 9) - at - 9);
  }

  static constexpr int64_t kSamples = 450;
  const std::string program = BATCHWISE_BINARY_DIR "/batchwise";
  std::string folder, data;
};

}  // namespace batchwise
