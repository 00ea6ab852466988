// Keras's snake case of class names.
#include "base/snake_case.h"

#include <cctype>

namespace batchwise {
namespace {

bool upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool lower(char c) { return std::islower(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::string snake_case(std::string_view name) {
  name.remove_prefix(name.rfind('.') + 1);
  // Two substitutions, each scanning left to right without overlap: (.)([A-Z][a-z]+) -> \1_\2, then ([a-z])([A-Z]) ->
  // \1_\2.
  std::string words;
  for (size_t i = 0; i < name.size();) {
    if (i + 2 < name.size() && upper(name[i + 1]) && lower(name[i + 2])) {
      words += name[i];
      words += '_';
      size_t end = i + 2;
      while (end < name.size() && lower(name[end])) ++end;
      words += name.substr(i + 1, end - i - 1);
      i = end;
    } else {
      words += name[i++];
    }
  }
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(words[i])));
    if (i + 1 < words.size() && lower(words[i]) && upper(words[i + 1])) out += '_';
  }
  return out;
}

}  // namespace batchwise
