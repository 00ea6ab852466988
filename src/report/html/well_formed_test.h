// Reads the markup of a page strictly, as XML is read: for tests.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace batchwise {

struct Markup {
  std::string fault;  // the first; "" when there is none
  std::vector<std::string> ids, links;
  size_t elements = 0;
  std::string text;  // outside of elements
};

namespace markup_detail {

inline bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':';
}

inline std::string take_name(std::string_view& rest) {
  size_t length = 0;
  while (length < rest.size() && name_character(rest[length])) ++length;
  const std::string name(rest.substr(0, length));
  rest.remove_prefix(length);
  return name;
}

inline bool entities_known(std::string_view text) {
  for (size_t at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1)) {
    const std::string_view rest = text.substr(at);
    if (!rest.starts_with("&amp;") && !rest.starts_with("&lt;") && !rest.starts_with("&gt;") &&
        !rest.starts_with("&quot;"))
      return false;
  }
  return true;
}

// Attributes up to '>' or "/>". False when they are not well-formed.
inline bool take_attributes(std::string_view& rest, Markup& markup) {
  std::set<std::string> seen;
  while (!rest.empty() && rest[0] != '>' && !rest.starts_with("/>")) {
    if (rest[0] != ' ' && rest[0] != '\n') return false;
    while (!rest.empty() && (rest[0] == ' ' || rest[0] == '\n')) rest.remove_prefix(1);
    const std::string name = take_name(rest);
    if (name.empty() || !seen.insert(name).second || !rest.starts_with("=\"")) return false;
    rest.remove_prefix(2);
    const size_t end = rest.find('"');
    if (end == std::string_view::npos) return false;
    const std::string value(rest.substr(0, end));
    if (value.find('<') != std::string::npos || !entities_known(value)) return false;
    if (name == "id") markup.ids.push_back(value);
    if (name == "href" || name == "src") markup.links.push_back(value);
    rest.remove_prefix(end + 1);
  }
  return !rest.empty();
}

}  // namespace markup_detail

inline Markup read_markup(std::string_view page) {
  using namespace markup_detail;
  Markup markup;
  std::vector<std::string> open;
  const size_t size = page.size();
  const auto broken = [&](const std::string& what, std::string_view rest) {
    markup.fault = what + " at byte " + std::to_string(size - rest.size()) + ": " + std::string(rest.substr(0, 80));
    return markup;
  };
  std::string_view rest = page;
  if (rest.starts_with("<!DOCTYPE html>")) rest.remove_prefix(15);
  while (!rest.empty()) {
    if (rest[0] != '<') {
      const std::string_view text = rest.substr(0, rest.find('<'));
      if (!entities_known(text)) return broken("an unknown entity", rest);
      markup.text += text;
      rest.remove_prefix(text.size());
      continue;
    }
    const std::string_view at = rest;
    rest.remove_prefix(1);
    if (rest.starts_with("/")) {
      rest.remove_prefix(1);
      const std::string name = take_name(rest);
      if (open.empty() || open.back() != name || !rest.starts_with(">"))
        return broken("an end without its beginning", at);
      open.pop_back();
      rest.remove_prefix(1);
      continue;
    }
    const std::string name = take_name(rest);
    if (name.empty() || !take_attributes(rest, markup)) return broken("an element that is not well-formed", at);
    ++markup.elements;
    const bool closed = rest.starts_with("/>");
    rest.remove_prefix(closed ? 2 : 1);
    if (closed) continue;
    open.push_back(name);
    if (name == "style" || name == "script") {  // not markup
      const size_t end = rest.find("</" + name + ">");
      if (end == std::string_view::npos) return broken("no end", at);
      rest.remove_prefix(end);
    }
  }
  if (!open.empty()) markup.fault = "no end of " + open.back();
  return markup;
}

}  // namespace batchwise
