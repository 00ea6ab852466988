// Runs of tokens as strings.
#include "text/ngrams.h"

namespace batchwise {

std::string shown(TokenRun run) {
  std::string bytes;
  each_byte(run, [&](unsigned char byte) {
    bytes += static_cast<char>(byte);
    return true;
  });
  return bytes;
}

}  // namespace batchwise
