// Texts in few large blocks: what elements of dtype String point to where a source reads them all.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace batchwise {

// Texts never move: views stay valid while the blocks live.
class TextBlocks {
 public:
  std::string_view add(std::string_view text) {
    if (text.size() > room_) {
      room_ = text.size() > kBlock ? text.size() : kBlock;
      blocks_.emplace_back(new char[room_]);
      at_ = blocks_.back().get();
    }
    char* const to = at_;
    std::memcpy(to, text.data(), text.size());
    at_ += text.size();
    room_ -= text.size();
    return {to, text.size()};
  }

 private:
  static constexpr size_t kBlock = size_t{1} << 18;  // bytes
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* at_ = nullptr;
  size_t room_ = 0;
};

}  // namespace batchwise
