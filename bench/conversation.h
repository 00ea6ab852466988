// How the orchestrator and a contestant talk: see conversation.py.
#pragma once

#include <cstdint>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

namespace bench {

constexpr int64_t kPasses = 4;  // of the steps that "losses" are asked of, over its batches

struct Request {
  std::string word;
  int64_t count = 0;
};

inline std::optional<Request> next_request() {
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  Request request;
  std::istringstream words(line);
  words >> request.word >> request.count;
  if (request.word.empty() || request.word == "quit") return std::nullopt;
  return request;
}

inline int64_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stoll(line.substr(6)) * 1024;
  }
  return 0;
}

template <class... Values>
void answer(const std::string& word, const Values&... values) {
  std::cout << word;
  ((std::cout << ' ' << values), ...);
  std::cout << std::endl;
}

}  // namespace bench
