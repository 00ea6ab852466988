// Inspection of folders of texts.
#include "cli/text_inspection.h"

#include <algorithm>
#include <numeric>
#include <sstream>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>

#include "base/input_file.h"
#include "cli/printable.h"
#include "text/pieces.h"
#include "text/token_counts.h"

namespace batchwise {
namespace {

constexpr int64_t kLongest = int64_t{1} << 30;  // bytes of a text, as the data set takes
constexpr size_t kShown = 10;                   // frequent words

// Where the bytes are no UTF-8; -1: nowhere.
int64_t first_bad_byte(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const int bytes = code_point_bytes(text.substr(at));
    if (bytes == 0) return static_cast<int64_t>(at);
    at += static_cast<size_t>(bytes);
  }
  return -1;
}

std::vector<int64_t> files_of_classes(const TextInspection& i) {
  std::vector<int64_t> counts(i.files.class_names.size());
  for (const int32_t label : i.files.labels) ++counts[static_cast<size_t>(label)];
  return counts;
}

// The length that a share of the texts does not exceed.
int64_t quantile(const std::vector<int64_t>& lengths, double share) {
  return lengths[static_cast<size_t>(share * static_cast<double>(lengths.size() - 1))];
}

}  // namespace

TextInspection inspect_texts(const std::string& folder, bool follow_links) {
  TextInspection i;
  i.folder = folder;
  ClassFolderQuery query{{".txt"}, true, {}, {}, follow_links};
  i.files = list_class_folders(folder, query);
  if (i.files.paths.size() == 0) {  // no class folders: the texts themselves
    query.by_class = false;
    i.files = list_class_folders(folder, query);
  }
  require(i.files.paths.size() > 0, folder, "the folder must hold texts. Got none.");
  TokenCounts<std::string> counts;
  for (int64_t f = 0; f < i.files.paths.size(); ++f) try {
      const std::string path(i.files.paths[f]), text = InputFile(path).read_all(kLongest);
      i.bytes += static_cast<int64_t>(text.size());
      if (const int64_t bad = first_bad_byte(text); bad >= 0)
        i.damaged.push_back({path, "the text must be UTF-8. Got other bytes at " + std::to_string(bad) + "."});
      int64_t length = 0;
      Piece piece;
      for (Pieces pieces(text, {.lower = true, .strip_punctuation = true}, Split::Whitespace); pieces.next(&piece);)
        if (!piece.empty()) {
          counts.add(piece.shown());
          ++length;
        }
      counts.end_document();
      if (length == 0) i.empty.push_back(path);
      i.lengths.push_back(length);
    } catch (const Error& error) { i.damaged.push_back({std::string(i.files.paths[f]), error.what()}); }
  std::sort(i.lengths.begin(), i.lengths.end());
  i.frequent = counts.ranked(-1);
  i.words = static_cast<int64_t>(i.frequent.size());
  i.frequent.resize(std::min(i.frequent.size(), kShown));
  return i;
}

std::string text_of(const TextInspection& i) {
  std::ostringstream text;
  text << i.files.paths.size() << " texts in " << printable(i.folder) << ", " << show_byte_size(i.bytes) << "\n";
  const std::vector<int64_t> of_class = files_of_classes(i);
  for (size_t c = 0; c < of_class.size(); ++c)
    text << "  class " << c << " " << printable(i.files.class_names[c]) << ": " << of_class[c] << "\n";
  if (!i.lengths.empty())
    text << "  words of a text: " << i.lengths.front() << " to " << i.lengths.back() << ", half have at most "
         << quantile(i.lengths, 0.5) << ", 95 % at most " << quantile(i.lengths, 0.95) << "\n";
  text << "  different words: " << i.words;
  for (size_t w = 0; w < i.frequent.size(); ++w) text << (w == 0 ? "; most often " : ", ") << i.frequent[w];
  text << "\n" << i.empty.size() << " without a word\n";
  for (const std::string& path : i.empty) text << "  " << printable(path) << "\n";
  text << i.damaged.size() << " damaged\n";
  for (const DamagedText& file : i.damaged) text << "  " << printable(file.path + ": " + file.reason) << "\n";
  return text.str();
}

Config config_of(const TextInspection& i) {
  Config::List classes, frequent, empty, damaged;
  const std::vector<int64_t> of_class = files_of_classes(i);
  for (size_t c = 0; c < of_class.size(); ++c)
    classes.push_back(Config::object({{"name", i.files.class_names[c]}, {"files", of_class[c]}}));
  for (const std::string& word : i.frequent) frequent.emplace_back(word);
  for (const std::string& path : i.empty) empty.emplace_back(path);
  for (const DamagedText& file : i.damaged)
    damaged.push_back(Config::object({{"path", file.path}, {"reason", file.reason}}));
  Config config = Config::object({{"event", "folder"},
                                  {"folder", i.folder},
                                  {"files", i.files.paths.size()},
                                  {"bytes", i.bytes},
                                  {"classes", classes},
                                  {"different_words", i.words},
                                  {"frequent_words", frequent},
                                  {"without_a_word", empty},
                                  {"damaged", damaged}});
  if (!i.lengths.empty())
    config.set("words_of_a_text", Config::object({{"least", i.lengths.front()},
                                                  {"half", quantile(i.lengths, 0.5)},
                                                  {"95_percent", quantile(i.lengths, 0.95)},
                                                  {"most", i.lengths.back()}}));
  return config;
}

}  // namespace batchwise
