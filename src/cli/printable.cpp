// Control characters are taken out of text.
#include "cli/printable.h"

namespace batchwise {

std::string printable(std::string_view text) {
  std::string shown(text);
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return shown;
}

}  // namespace batchwise
