// Recognises forms of data.
#include "data/data_form.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

#include <glob.h>

#include <batchwise/error.h>
#include <batchwise/image_dataset.h>

#include "data/sources/idx.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostFiles = 100'000;  // that braces may name
constexpr int64_t kNoStray = 100;       // images: so many are what a folder is for

std::string ending_of(const std::string& path) {
  std::string ending = fs::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return ending;
}

// The form of what lies in one file. TensorFlow's data sets end in .tfrecord-00000-of-00008.
DataForm form_of_file(const std::string& path) {
  const std::string ending = ending_of(path);
  if (ending == ".npy") return DataForm::Npy;
  if (ending == ".npz") return DataForm::Npz;
  if (ending == ".csv") return DataForm::Csv;
  if (ending == ".tar") return DataForm::TarShards;
  if (ending.starts_with(".tfrecord")) return DataForm::TfRecords;
  return DataForm::Unknown;
}

bool is_of_records(DataForm form) { return form == DataForm::TarShards || form == DataForm::TfRecords; }

// A broken folder is named when the files are listed.
DataForm form_of_folder(const std::string& path) {
  for (const char* part : {"train", "t10k"})
    if (const IdxPair pair = find_idx_pair(path, part); !pair.images.empty() || !pair.labels.empty())
      return DataForm::IdxFolder;
  const std::vector<std::string> images = ImageDatasetOptions().endings;
  const auto is_image = [&](const fs::path& file) {
    return std::find(images.begin(), images.end(), ending_of(file.string())) != images.end();
  };
  DataForm records = DataForm::Unknown;
  int64_t in_classes = 0, images_above = 0, texts = 0;
  // What list_class_folders walks over: class folders may be links, and hidden ones are none.
  constexpr auto options = fs::directory_options::skip_permission_denied;
  std::error_code error, below_error;
  for (fs::directory_iterator it(path, options, error), end; !error && it != end; it.increment(error)) {
    const fs::path& entry = it->path();
    if (!fs::is_directory(entry, below_error)) {
      images_above += is_image(entry) ? 1 : 0;
      texts += ending_of(entry.string()) == ".txt" ? 1 : 0;
      if (const DataForm form = form_of_file(entry.string()); is_of_records(form)) records = form;
    } else if (!entry.filename().string().starts_with(".")) {
      below_error.clear();
      for (fs::recursive_directory_iterator file(entry, options, below_error), last; !below_error && file != last;
           file.increment(below_error)) {
        in_classes += is_image(file->path()) ? 1 : 0;
        texts += ending_of(file->path().string()) == ".txt" ? 1 : 0;
        if (in_classes >= kNoStray) break;
      }
    }
    if (in_classes + images_above >= kNoStray) return DataForm::ImageFolder;
  }
  if (in_classes > 0 && in_classes * 10 >= texts) return DataForm::ImageFolder;
  if (records != DataForm::Unknown) return records;
  if (images_above > 0 && images_above * 10 >= texts) return DataForm::ImageFolder;
  return texts > 0 ? DataForm::TextFolder : DataForm::Unknown;
}

// "a-{0..2}.tar" into "a-0.tar", "a-1.tar", "a-2.tar"; as many digits as the first number has.
std::vector<std::string> expanded(const std::string& pattern) {
  const size_t open = pattern.find('{'), dots = pattern.find("..", open), close = pattern.find('}', dots);
  if (open == std::string::npos || dots == std::string::npos || close == std::string::npos) return {pattern};
  uint32_t first = 0, last = 0;
  const char* text = pattern.data();
  const auto from = std::from_chars(text + open + 1, text + dots, first);
  const auto to = std::from_chars(text + dots + 2, text + close, last);
  require(from.ec == std::errc() && from.ptr == text + dots && to.ec == std::errc() && to.ptr == text + close &&
              first <= last && last - first < kMostFiles,
          pattern, "braces must hold two numbers, at most ", kMostFiles, " apart, such as {000..127}. Got others.");
  std::vector<std::string> all;
  for (uint64_t n = first; n <= last; ++n) {
    std::string digits = std::to_string(n);
    if (digits.size() < dots - open - 1) digits.insert(0, dots - open - 1 - digits.size(), '0');
    for (const std::string& rest : expanded(pattern.substr(close + 1)))
      all.push_back(pattern.substr(0, open) + digits + rest);
    require(all.size() <= kMostFiles, pattern, "a pattern may name at most ", kMostFiles, " files. Got more.");
  }
  return all;
}

bool there(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

}  // namespace

const std::vector<std::string>& built_in_names() {
  static const std::vector<std::string> names = {"fashion-mnist", "mnist"};
  return names;
}

DataForm data_form(const std::string& path) {
  const auto& names = built_in_names();
  if (std::find(names.begin(), names.end(), path) != names.end()) return DataForm::BuiltIn;
  std::error_code error;
  if (fs::is_directory(path, error)) return form_of_folder(path);
  const DataForm form = form_of_file(path);
  return there(path) || (is_of_records(form) && !record_files(path).empty()) ? form : DataForm::Unknown;
}

const char* name_of(DataForm form) {
  switch (form) {
    case DataForm::BuiltIn: return "a built-in data set";
    case DataForm::Npy: return "an .npy file";
    case DataForm::Npz: return "an .npz file";
    case DataForm::Csv: return "a .csv file";
    case DataForm::TarShards: return "tar shards";
    case DataForm::TfRecords: return "TFRecord files";
    case DataForm::IdxFolder: return "a folder of IDX files";
    case DataForm::ImageFolder: return "a folder of images";
    case DataForm::TextFolder: return "a folder of texts";
    case DataForm::Unknown: break;
  }
  return "no known form of data";
}

std::vector<std::string> record_files(const std::string& path) {
  std::error_code error;
  std::vector<std::string> files;
  if (fs::is_directory(path, error)) {
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
      if (is_of_records(form_of_file(it->path().string()))) files.push_back(it->path().string());
    require(!error, path, "the folder must be readable. Got: ", error.message(), ".");
    for (const std::string& file : files)
      require(
          form_of_file(file) == form_of_file(files.front()), path,
          "a folder must hold one form of data. Got tar shards and TFRecord files: say which by a pattern, such as ",
          path, "/*", ending_of(file), ".");
    std::sort(files.begin(), files.end());
    return files;
  }
  if (there(path)) return {path};
  for (const std::string& pattern : expanded(path)) {
    glob_t found{};
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
      files.insert(files.end(), found.gl_pathv, found.gl_pathv + found.gl_pathc);
    else files.push_back(pattern);  // opening it names what is missing
    ::globfree(&found);
  }
  if (std::none_of(files.begin(), files.end(), there)) files.clear();
  return files;
}

}  // namespace batchwise
