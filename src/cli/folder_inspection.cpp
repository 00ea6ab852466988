// Inspection of folders of images.
#include "cli/folder_inspection.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <system_error>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>
#include <batchwise/image_dataset.h>

#include "cli/printable.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

std::string ending_of(std::string_view path) {
  std::string ending = fs::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return ending;
}

bool fits(const std::string& ending, ImageFormat format) {
  const bool jpeg = ending == ".jpg" || ending == ".jpeg";
  return jpeg               ? format == ImageFormat::Jpeg
         : ending == ".png" ? format == ImageFormat::Png
         : ending == ".gif" ? format == ImageFormat::Gif
         : ending == ".bmp" ? format == ImageFormat::Bmp
                            : true;
}

// What text and JSON both tell.
struct Totals {
  int64_t bytes = 0, whole = 0;
  std::vector<int64_t> of_class;
  std::map<std::string_view, int64_t> formats;
  std::map<std::pair<int64_t, int64_t>, int64_t> sizes;
  std::vector<int64_t> damaged, suspicious, mislabelled;  // numbers of files

  explicit Totals(const FolderInspection& i) : of_class(i.files.class_names.size()) {
    for (int64_t f = 0; f < i.files.paths.size(); ++f) {
      const CheckedImage& image = i.images[static_cast<size_t>(f)];
      bytes += i.states[static_cast<size_t>(f)].bytes;
      if (!i.files.labels.empty()) ++of_class[static_cast<size_t>(i.files.labels[static_cast<size_t>(f)])];
      if (!image.damage.empty()) {
        damaged.push_back(f);
        continue;
      }
      ++whole;
      ++formats[name_of(image.facts.format)];
      ++sizes[{image.facts.height, image.facts.width}];
      if (!image.facts.warning.empty()) suspicious.push_back(f);
      if (!fits(ending_of(i.files.paths[f]), image.facts.format)) mislabelled.push_back(f);
    }
  }
  std::vector<std::pair<int64_t, std::pair<int64_t, int64_t>>> frequent_sizes() const {
    std::vector<std::pair<int64_t, std::pair<int64_t, int64_t>>> all;
    for (const auto& [size, count] : sizes) all.emplace_back(count, size);
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    all.resize(std::min<size_t>(all.size(), 5));
    return all;
  }
  // Least and most of heights and widths, each by itself.
  std::pair<std::pair<int64_t, int64_t>, std::pair<int64_t, int64_t>> extent() const {
    std::pair<int64_t, int64_t> least{INT64_MAX, INT64_MAX}, most{0, 0};
    for (const auto& [size, count] : sizes) {
      least = {std::min(least.first, size.first), std::min(least.second, size.second)};
      most = {std::max(most.first, size.first), std::max(most.second, size.second)};
    }
    return {least, most};
  }
};

// What gives no three channels may give four: then it is whole.
void find_rgba(FolderInspection& i) {
  PathList paths;
  std::vector<FileState> states;
  std::vector<size_t> files;
  for (size_t f = 0; f < i.images.size(); ++f)
    if (!i.images[f].damage.empty()) {
      paths.add(i.files.paths[static_cast<int64_t>(f)]);
      states.push_back(i.states[f]);
      files.push_back(f);
    }
  const std::vector<CheckedImage> checked = check_images(paths, states, 4);
  for (size_t k = 0; k < files.size(); ++k)
    if (checked[k].damage.empty()) {
      i.images[files[k]] = checked[k];
      i.rgba.insert(static_cast<int64_t>(files[k]));
    }
}

}  // namespace

FolderInspection inspect_images(const std::string& folder, bool follow_links) {
  FolderInspection i;
  i.folder = folder;
  ClassFolderQuery query;
  query.endings = ImageDatasetOptions().endings;
  query.follow_links = follow_links;
  i.files = list_class_folders(folder, query);
  if (i.files.paths.size() == 0) {  // no class folders: the images themselves
    query.by_class = false;
    i.files = list_class_folders(folder, query);
  }
  require(i.files.paths.size() > 0, folder, "the folder must hold images. Got none.");
  for (int64_t f = 0; f < i.files.paths.size(); ++f) try {
      i.states.push_back(state_of_file(i.files.paths.c_str(f)));
    } catch (const Error&) { i.states.emplace_back(); }
  i.images = check_images(i.files.paths, i.states, 3);
  find_rgba(i);
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && it != end; it.increment(error))
    if (!it->is_directory(error)) {
      const std::string ending = ending_of(it->path().string());
      const bool image = std::find(query.endings.begin(), query.endings.end(), ending) != query.endings.end();
      ++(image ? i.outside : i.others[ending]);
    }
  i.outside = std::max<int64_t>(i.outside - i.files.paths.size(), 0);
  return i;
}

std::string text_of(const FolderInspection& i) {
  const Totals totals(i);
  std::ostringstream text;
  text << i.files.paths.size() << " images in " << printable(i.folder) << ", " << show_byte_size(totals.bytes) << "\n";
  for (size_t c = 0; c < totals.of_class.size(); ++c)
    text << "  class " << c << " " << printable(i.files.class_names[c]) << ": " << totals.of_class[c] << "\n";
  for (const auto& [format, count] : totals.formats) text << "  " << format << ": " << count << "\n";
  if (totals.whole > 0) {
    const auto [least, most] = totals.extent();
    text << "  height " << least.first << " to " << most.first << ", width " << least.second << " to " << most.second
         << "; most often";
    for (const auto& [count, size] : totals.frequent_sizes())
      text << " " << size.first << " x " << size.second << " (" << count << ")";
    text << "\n";
  }
  for (int64_t f : totals.mislabelled)
    text << "  " << printable(i.files.paths[f]) << " holds a " << name_of(i.images[static_cast<size_t>(f)].facts.format)
         << "\n";
  for (int64_t f : i.rgba)
    text << "  " << printable(i.files.paths[f]) << " has an alpha channel: it takes --color-mode rgba\n";
  if (i.outside > 0) text << "  in no class folder: " << i.outside << " images\n";
  for (const auto& [ending, count] : i.others)
    text << "  not taken for images: " << count << " files "
         << (ending.empty() ? "without an ending" : printable(ending)) << "\n";
  if (!totals.suspicious.empty()) text << totals.suspicious.size() << " suspicious, parts of which may be guessed\n";
  for (int64_t f : totals.suspicious)
    text << "  " << printable(i.files.paths[f]) << ": " << i.images[static_cast<size_t>(f)].facts.warning << "\n";
  text << totals.damaged.size() << " damaged\n";
  for (int64_t f : totals.damaged) text << "  " << printable(i.images[static_cast<size_t>(f)].damage) << "\n";
  return text.str();
}

Config config_of(const FolderInspection& i) {
  const Totals totals(i);
  Config::List classes, sizes, damaged, suspicious, mislabelled, rgba;
  for (int64_t f : i.rgba) rgba.emplace_back(std::string(i.files.paths[f]));
  for (size_t c = 0; c < totals.of_class.size(); ++c)
    classes.push_back(Config::object({{"name", i.files.class_names[c]}, {"files", totals.of_class[c]}}));
  for (const auto& [count, size] : totals.frequent_sizes())
    sizes.push_back(Config::object({{"height", size.first}, {"width", size.second}, {"files", count}}));
  for (int64_t f : totals.damaged)
    damaged.push_back(
        Config::object({{"path", std::string(i.files.paths[f])}, {"reason", i.images[static_cast<size_t>(f)].damage}}));
  for (int64_t f : totals.suspicious)
    suspicious.push_back(Config::object(
        {{"path", std::string(i.files.paths[f])}, {"reason", i.images[static_cast<size_t>(f)].facts.warning}}));
  for (int64_t f : totals.mislabelled)
    mislabelled.push_back(
        Config::object({{"path", std::string(i.files.paths[f])},
                        {"format", std::string(name_of(i.images[static_cast<size_t>(f)].facts.format))}}));
  Config::Object formats, others;
  for (const auto& [format, count] : totals.formats) formats.emplace_back(format, count);
  for (const auto& [ending, count] : i.others) others.emplace_back(ending, count);
  Config config = Config::object({{"event", "folder"},
                                  {"folder", i.folder},
                                  {"files", i.files.paths.size()},
                                  {"bytes", totals.bytes},
                                  {"classes", classes},
                                  {"formats", formats},
                                  {"frequent_sizes", sizes},
                                  {"mislabelled", mislabelled},
                                  {"rgba_only", rgba},
                                  {"outside_of_classes", i.outside},
                                  {"other_files", others},
                                  {"suspicious", suspicious},
                                  {"damaged", damaged}});
  if (totals.whole > 0) {
    const auto [least, most] = totals.extent();
    config.set("height", Config(Config::List{least.first, most.first}));
    config.set("width", Config(Config::List{least.second, most.second}));
  }
  return config;
}

}  // namespace batchwise
