// Recognises what a path or name of data means.
#include "data/open_data.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

#include <batchwise/csv_dataset.h>
#include <batchwise/registry.h>
#include <batchwise/text_dataset.h>

#include "data/sources/csv.h"
#include "data/sources/idx.h"
#include "data/sources/npy.h"
#include "data/sources/npz.h"
#include "formats/npy/npy.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, datasets::Split (*)(const std::string&)>& built_in() {
  static const std::map<std::string, datasets::Split (*)(const std::string&)> table = {
      {"fashion-mnist", &datasets::fashion_mnist}, {"mnist", &datasets::mnist}};
  return table;
}

Dataset open_images(const std::string& path, const DataOptions& options) {
  if (!options.images.validation_split) return image_dataset_from_directory(path, options.images);
  const ImageDatasetSplit split = image_datasets_from_directory(path, options.images);
  *options.held_out = split.validation;
  return split.training;
}

Dataset open_texts(const std::string& path, const DataOptions& options) {
  const ImageDatasetOptions& files = options.images;  // what folders of files have in common
  TextDatasetOptions texts;
  texts.labels = files.labels;
  texts.label_mode = files.label_mode;
  require(files.cache.empty() && files.on_bad_file == ImageDatasetOptions().on_bad_file, path,
          "--cache and --on-bad-file are for folders of images. Got a folder of texts.");
  texts.shuffle = files.shuffle;
  texts.seed = files.seed;
  texts.follow_links = files.follow_links;
  texts.validation_split = files.validation_split;
  if (!texts.validation_split) return text_dataset_from_directory(path, texts);
  const TextDatasetSplit split = text_datasets_from_directory(path, texts);
  *options.held_out = split.validation;
  return split.training;
}

Dataset open_folder(const std::string& path, const DataOptions& options) {
  const IdxPair train = find_idx_pair(path, "train"), test = find_idx_pair(path, "t10k");
  const IdxPair& wanted = options.part == DataPart::Train ? train : test;
  const IdxPair& other = options.part == DataPart::Train ? test : train;
  if (wanted.complete()) return open_idx_pair(wanted);
  for (const IdxPair* pair : {&train, &test})
    require(pair->images.empty() == pair->labels.empty(), path, "images and labels must both be there. Got only ",
            pair->images.empty() ? pair->labels : pair->images, ".");
  if (other.complete()) return open_idx_pair(other);
  if (is_image_folder(path)) return open_images(path, options);
  if (is_text_folder(path)) return open_texts(path, options);
  fail(path,
       "the folder must hold class folders of images or of .txt files, or IDX files, train-images-idx3-ubyte and "
       "train-labels-idx1-ubyte, plain or .gz. Got neither.");
}

// A column per input where there are several, or text; else numbers side by side.
Dataset open_csv(const std::string& path, const DataOptions& options) {
  const auto text = [&](size_t i) {
    return i < options.input_dtypes.size() && options.input_dtypes[i] == DType::String;
  };
  const size_t inputs = options.input_names.size();
  const bool by_name = inputs > 1 || text(0);
  if (!by_name && (options.target.empty() || !csv_column_is_text(path, options.target)))
    return open_csv_data(path, options.target);
  CsvOptions columns;
  if (!options.target.empty()) columns.targets = {options.target};
  for (size_t i = 0; by_name && i < inputs; ++i)
    columns.inputs.emplace_back(options.input_names[i], text(i) ? "text" : "number");
  // The only column besides the target need not be called as the model's only input.
  if (by_name && inputs == 1)
    if (const std::string only = csv_column_besides(path, options.target); !only.empty()) columns.inputs[0].name = only;
  return csv_dataset(path, columns);
}

std::string ending_of(const std::string& path) {
  std::string ending = fs::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return c < 128 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c); });
  return ending;
}

}  // namespace

namespace {

// Whether a file below the folder has one of these endings; IDX files make a folder of arrays.
bool has_files(const std::string& path, const std::vector<std::string>& endings) {
  std::error_code error;
  if (!fs::is_directory(path, error) || find_idx_pair(path, "train").complete() ||
      find_idx_pair(path, "t10k").complete())
    return false;
  // The first image tells; a broken folder further on is named when the images are listed.
  for (fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error), end;
       !error && it != end; it.increment(error))
    if (std::find(endings.begin(), endings.end(), ending_of(it->path())) != endings.end()) return true;
  return false;
}

}  // namespace

bool is_image_folder(const std::string& path) { return has_files(path, ImageDatasetOptions().endings); }

bool is_text_folder(const std::string& path) { return !is_image_folder(path) && has_files(path, {".txt"}); }

Dataset open_data(const std::string& path_or_name, const DataOptions& options) {
  const std::string& path = path_or_name;
  const auto named = built_in().find(path);
  const std::string ending = ending_of(path);
  require(options.target.empty() || ending == ".csv", path, "a target column belongs to a .csv file. Got the target \"",
          options.target, "\" for other data.");
  if (named != built_in().end()) {
    datasets::Split split = named->second(options.data_dir);
    return options.part == DataPart::Train ? split.train : split.test;
  }
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    std::vector<std::string> names;
    for (const auto& [name, open] : built_in()) names.push_back(name);
    const std::string near = nearest_name(path, names);
    fail(path,
         "data must be a built-in name (fashion-mnist, mnist), a .npz, .npy or .csv file, or a folder. Got a path that "
         "does not exist.",
         near.empty() ? "" : " Did you mean \"" + near + "\"?");
  }
  if (fs::is_directory(status)) return open_folder(path, options);
  if (ending == ".npz") return open_npz_data(path, options.input_names, options.output_names);
  if (ending == ".csv") return open_csv(path, options);
  if (ending == ".npy") {
    if (open_npy(path).dtype == DType::String) return Dataset(read_npy(path));
    std::vector<FileColumn> columns;
    columns.push_back(npy_column(path, ""));
    return Dataset(std::make_shared<FileRows>(std::move(columns), path), 1, 0);
  }
  fail(path,
       "data must be a built-in name (fashion-mnist, mnist), a .npz, .npy or .csv file, or a folder. Got a file that "
       "ends in \"",
       ending, "\".");
}

}  // namespace batchwise
