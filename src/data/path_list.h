// Many paths in little memory: one string, and where each path begins.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace batchwise {

class PathList {
 public:
  void add(std::string_view path) {
    text_ += path;
    text_ += '\0';
    starts_.push_back(text_.size());
  }
  int64_t size() const { return static_cast<int64_t>(starts_.size()) - 1; }
  std::string_view operator[](int64_t i) const { return c_str(i); }
  const char* c_str(int64_t i) const { return text_.data() + starts_[static_cast<size_t>(i)]; }
  int64_t bytes() const { return static_cast<int64_t>(text_.capacity() + starts_.capacity() * sizeof(starts_[0])); }

 private:
  std::string text_;
  std::vector<uint64_t> starts_ = {0};
};

}  // namespace batchwise
