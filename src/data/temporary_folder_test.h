// A folder for one test, with a cache of its own; removed afterwards.
#pragma once

#include <cstdlib>
#include <exception>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace batchwise {

class TemporaryFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / ("batchwise-data-" + std::to_string(::getpid()))).string();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    ::setenv("XDG_CACHE_HOME", (folder_ + "/cache").c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("XDG_CACHE_HOME");
    std::filesystem::remove_all(folder_);
  }
  std::string path(const std::string& name) const { return folder_ + '/' + name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  std::vector<std::string> cache_files() const {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator it(path("cache/batchwise"), error), end; !error && it != end; ++it)
      names.push_back(it->path().filename().string());
    return names;
  }

  std::string folder_;
};

// The message of the Error that `call` throws; "" when it throws none.
template <class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const std::exception& error) { return error.what(); }
  return "";
}

}  // namespace batchwise
