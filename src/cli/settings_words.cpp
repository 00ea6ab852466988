// Settings as the words of a command line.
#include "cli/settings_words.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <iterator>

#include <batchwise/byte_size.h>

namespace batchwise {
namespace {

// Every digit that it takes to read the same number again.
std::string exact(double number) {
  char text[32];
  return {text, std::to_chars(std::begin(text), std::end(text), number).ptr};
}

// What was not given is left out.
class WordList {
 public:
  void word(const std::string& word) { text_ += " " + shell_word(word); }
  void option(const char* name, const std::string& value) {
    if (!value.empty()) text_ += " " + std::string(name) + " " + shell_word(value);
  }
  void option(const char* name, int64_t value) {
    if (value > 0) option(name, std::to_string(value));
  }
  void flag(const char* name, bool given) {
    if (given) text_ += " " + std::string(name);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void add_data(WordList& words, const DataChoice& data) {
  words.option("--data-dir", data.data_dir);
  words.option("--target", data.target);
  const ImageChoice& images = data.images;
  words.option("--image-size", images.image_size);
  words.option("--color-mode", images.color_mode);
  words.option("--interpolation", images.interpolation);
  words.flag("--crop-to-aspect-ratio", images.crop_to_aspect_ratio);
  words.flag("--pad-to-aspect-ratio", images.pad_to_aspect_ratio);
  words.option("--label-mode", images.label_mode);
  words.flag("--follow-links", images.follow_links);
  words.option("--on-bad-file", images.on_bad_file);
  words.option("--cache", images.cache);
}

}  // namespace

std::string shell_word(const std::string& word) {
  const auto plain = [](unsigned char c) { return c >= 0x80 || std::isalnum(c) || std::strchr("-_./,:=+@%", c); };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string training_words(const TrainSettings& s) {
  WordList words;
  words.word(s.model);
  words.word(s.data.data);
  add_data(words, s.data);
  words.option("--optimizer", s.compile.optimizer);
  words.option("--loss", s.compile.loss);
  std::string metrics;
  for (const std::string& metric : s.compile.metrics) metrics += (metrics.empty() ? "" : ",") + metric;
  words.option("--metrics", metrics);
  words.option("--dtype", s.compile.dtype);
  words.option("--convolution", s.compile.convolution);
  if (s.validation_split) words.option("--validation-split", exact(*s.validation_split));
  words.option("--validation-data", s.validation_data);
  words.option("--grain", s.grain);
  if (s.seed > 0) words.option("--seed", std::to_string(s.seed));
  words.flag("--no-shuffle", s.no_shuffle);
  words.flag("--allow-nan", s.allow_nan);
  if (s.memory > 0) words.option("--memory", byte_size_option(s.memory));
  words.option("--lanes", s.lanes);
  return words.text();
}

}  // namespace batchwise
