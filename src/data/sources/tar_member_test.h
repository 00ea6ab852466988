// Members of tar archives, for tests.
#pragma once

#include <cstdio>
#include <cstring>
#include <string>

namespace batchwise {

inline std::string tar_member(const std::string& name, const std::string& contents) {
  std::string block(512, '\0');
  std::memcpy(block.data(), name.data(), name.size());
  std::snprintf(block.data() + 124, 12, "%011llo", static_cast<unsigned long long>(contents.size()));
  block[156] = '0';
  std::memset(block.data() + 148, ' ', 8);
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  std::snprintf(block.data() + 148, 8, "%06o", sum);
  std::string padded = contents;
  padded.resize((contents.size() + 511) / 512 * 512);
  return block + padded;
}

}  // namespace batchwise
