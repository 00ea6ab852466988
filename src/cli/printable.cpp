// Control characters are taken out of text.
#include "cli/printable.h"

namespace batchwise {
namespace {

std::string without_controls(std::string_view text, char but) {
  std::string shown(text);
  for (char& c : shown)
    if ((static_cast<unsigned char>(c) < 0x20 && c != but) || c == 0x7f) c = ' ';
  return shown;
}

}  // namespace

std::string printable(std::string_view text) { return without_controls(text, ' '); }
std::string printable_lines(std::string_view text) { return without_controls(text, '\n'); }

}  // namespace batchwise
