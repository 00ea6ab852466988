// JSON text <-> Config, through nlohmann's SAX parser.
#include "formats/json/json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <nlohmann/json.hpp>

#include <batchwise/error.h>

#include "base/input_file.h"

namespace batchwise {
namespace {

// Python writes NaN, Infinity and -Infinity, which JSON does not know. Each is replaced by a string of the same length,
// so that positions stay true; `ordinals` says which strings of the text (keys included) stand for a number.
struct Sentinels {
  std::string text;               // empty when nothing had to be replaced
  std::vector<int64_t> ordinals;  // ascending
  std::vector<double> values;
};

Sentinels replace_non_finite(std::string_view text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  struct Word {
    std::string_view word;
    double value;
  };
  static constexpr Word kWords[] = {
      {"NaN", std::numeric_limits<double>::quiet_NaN()}, {"Infinity", kInfinity}, {"-Infinity", -kInfinity}};
  Sentinels found;
  int64_t strings = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      ++strings;
      for (++i; i < text.size() && text[i] != '"'; ++i)
        if (text[i] == '\\') ++i;
      continue;
    }
    if (text[i] != 'N' && text[i] != 'I' && text[i] != '-') continue;
    for (const Word& word : kWords) {
      if (text.substr(i, word.word.size()) != word.word) continue;
      if (found.text.empty()) found.text = text;
      std::fill_n(found.text.begin() + static_cast<std::ptrdiff_t>(i), word.word.size(), '?');
      found.text[i] = found.text[i + word.word.size() - 1] = '"';
      found.ordinals.push_back(strings++);
      found.values.push_back(word.value);
      i += word.word.size() - 1;
      break;
    }
  }
  return found;
}

class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string_view where, const JsonLimits& limits, const Sentinels& sentinels)
      : where_(where), limits_(limits), sentinels_(sentinels) {}

  Config take() { return std::move(root_); }

  bool null() override { return add(Config()); }
  bool boolean(bool value) override { return add(Config(value)); }
  bool number_integer(number_integer_t value) override { return add(Config(static_cast<int64_t>(value))); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
      return add(Config(static_cast<double>(value)));
    return add(Config(static_cast<int64_t>(value)));
  }
  bool number_float(number_float_t value, const string_t&) override { return add(Config(value)); }
  bool string(string_t& value) override {
    if (const double* number = sentinel()) return add(Config(*number));
    return add(Config(std::move(value)));
  }
  bool binary(binary_t&) override { return false; }  // not in JSON text

  bool start_object(std::size_t) override { return open(true); }
  bool key(string_t& name) override {
    require(sentinel() == nullptr, where_, "keys must be strings. Got NaN or Infinity as a key.");
    levels_.back().key = std::move(name);
    return true;
  }
  bool end_object() override {
    std::vector<std::string_view> keys;
    for (const auto& [name, value] : levels_.back().entries) keys.push_back(name);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    require(twice == keys.end(), where_, "keys of one object must be unique. Got \"", twice == keys.end() ? "" : *twice,
            "\" twice.");
    return close();
  }
  bool start_array(std::size_t) override { return open(false); }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    // nlohmann's text is "[json.exception...] parse error at line l, column c: what".
    std::string what = error.what();
    const size_t colon = what.find(": ");
    fail(where_, "the text must be JSON. Got an error at byte ", position, ": ",
         colon == std::string::npos ? what : what.substr(colon + 2), ".");
  }

 private:
  struct Level {
    bool object = false;
    Config::Object entries;
    Config::List items;
    std::string key;  // of the entry that comes next
  };

  const double* sentinel() {
    const int64_t ordinal = strings_++;
    if (next_ == sentinels_.ordinals.size() || sentinels_.ordinals[next_] != ordinal) return nullptr;
    return &sentinels_.values[next_++];
  }
  bool add(Config value) {
    require(++count_ <= limits_.values, where_, "the text may hold at most ", limits_.values, " values. Got more.");
    if (levels_.empty()) {
      root_ = std::move(value);
      return true;
    }
    Level& level = levels_.back();
    if (level.object) level.entries.emplace_back(std::move(level.key), std::move(value));
    else level.items.push_back(std::move(value));
    return true;
  }
  bool open(bool object) {
    require(static_cast<int>(levels_.size()) < limits_.depth, where_, "lists and objects may be nested at most ",
            limits_.depth, " deep. Got more.");
    levels_.emplace_back();
    levels_.back().object = object;
    return true;
  }
  bool close() {
    Level done = std::move(levels_.back());
    levels_.pop_back();
    return done.object ? add(Config(std::move(done.entries))) : add(Config(std::move(done.items)));
  }

  std::string where_;
  JsonLimits limits_;
  const Sentinels& sentinels_;
  Config root_;
  std::vector<Level> levels_;
  size_t next_ = 0;      // the first sentinel not met yet
  int64_t strings_ = 0;  // strings and keys met so far
  int64_t count_ = 0;
};

bool is_plain(const Config& value) { return !value.is_list() && !value.is_object(); }

void write_indented(const Config& value, int level, std::string& out) {
  const std::string inner(static_cast<size_t>(level + 1) * 2, ' '), outer(static_cast<size_t>(level) * 2, ' ');
  if (value.is_object() && !value.as_object().empty()) {
    out += "{\n";
    bool first = true;
    for (const auto& [key, item] : value.as_object()) {
      out += (first ? "" : ",\n") + inner + Config(key).text() + ": ";
      write_indented(item, level + 1, out);
      first = false;
    }
    out += "\n" + outer + "}";
  } else if (value.is_list() && !std::all_of(value.as_list().begin(), value.as_list().end(), is_plain)) {
    out += "[\n";
    bool first = true;
    for (const Config& item : value.as_list()) {
      out += (first ? "" : ",\n") + inner;
      write_indented(item, level + 1, out);
      first = false;
    }
    out += "\n" + outer + "]";
  } else {
    out += value.text();
  }
}

}  // namespace

Config parse_json(std::string_view text, std::string_view where, const JsonLimits& limits) {
  require(static_cast<int64_t>(text.size()) <= limits.bytes, where, "the text may have at most ", limits.bytes,
          " bytes. Got ", text.size(), ".");
  const Sentinels sentinels = replace_non_finite(text);
  const std::string_view json = sentinels.text.empty() ? text : std::string_view(sentinels.text);
  Builder builder(where, limits, sentinels);
  nlohmann::json::sax_parse(json.begin(), json.end(), &builder);
  return builder.take();
}

Config read_json(const std::string& path, const JsonLimits& limits) {
  return parse_json(InputFile(path).read_all(limits.bytes), path, limits);
}

std::string indented_json(const Config& value) {
  std::string out;
  write_indented(value, 0, out);
  return out + "\n";
}

}  // namespace batchwise
