// Opens data by its form.
#include "data/open_data.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <batchwise/csv_dataset.h>
#include <batchwise/registry.h>
#include <batchwise/text_dataset.h>

#include "data/open_records.h"
#include "data/sources/csv.h"
#include "data/sources/csv_header.h"
#include "data/sources/idx.h"
#include "data/sources/npy.h"
#include "data/sources/npz.h"
#include "formats/npy/npy.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

void give(const DataOptions& options, const std::vector<std::string>& class_names) {
  if (options.class_names) *options.class_names = class_names;
}

bool are_labelled(const ImageDatasetOptions& files) {
  return files.label_mode && std::holds_alternative<std::string>(files.labels.from());
}

Dataset open_images(const std::string& path, const DataOptions& options) {
  ImageDatasetOptions images = options.images;
  if (are_labelled(images)) images.numbered_as = options.numbered_as;
  if (!images.validation_split) {
    const ImageDataset all = image_dataset_from_directory(path, images);
    give(options, all.class_names);
    return all;
  }
  const ImageDatasetSplit split = image_datasets_from_directory(path, images);
  *options.held_out = split.validation;
  give(options, split.training.class_names);
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
  if (are_labelled(files)) texts.numbered_as = options.numbered_as;
  if (!texts.validation_split) {
    const TextDataset all = text_dataset_from_directory(path, texts);
    give(options, all.class_names);
    return all;
  }
  const TextDatasetSplit split = text_datasets_from_directory(path, texts);
  *options.held_out = split.validation;
  give(options, split.training.class_names);
  return split.training;
}

Dataset open_idx(const std::string& path, DataPart part) {
  const IdxPair train = find_idx_pair(path, "train"), test = find_idx_pair(path, "t10k");
  const IdxPair& wanted = part == DataPart::Train ? train : test;
  if (wanted.complete()) return open_idx_pair(wanted);
  for (const IdxPair* pair : {&train, &test})
    require(pair->images.empty() == pair->labels.empty(), path, "images and labels must both be there. Got only ",
            pair->images.empty() ? pair->labels : pair->images, ".");
  return open_idx_pair(part == DataPart::Train ? test : train);
}

Dataset open_npy_data(const std::string& path) {
  if (open_npy(path).dtype == DType::String) return Dataset(read_npy(path));
  std::vector<FileColumn> columns;
  columns.push_back(npy_column(path, ""));
  return Dataset(std::make_shared<FileRows>(std::move(columns), path), 1, 0);
}

// A column per input where there are several, or text; else numbers side by side.
Dataset open_csv(const std::string& path, const DataOptions& options) {
  const auto text = [&](size_t i) {
    return i < options.input_dtypes.size() && options.input_dtypes[i] == DType::String;
  };
  const size_t inputs = options.input_names.size();
  const bool by_name = inputs > 1 || text(0);
  const bool text_target =
      !options.target.empty() &&
      (csv_column_is_text(path, options.target) || csv_column_starts_with(path, options.target, options.numbered_as));
  if (!by_name && !text_target) return open_csv_data(path, options.target);
  CsvOptions columns;
  const bool named = by_name && csv_header_names(path, options.input_names);
  columns.header = named || csv_has_header(path, options.target);
  if (!options.target.empty()) columns.targets.emplace_back(options.target, text_target ? "text" : "number");
  if (text_target) columns.numbered_as = {options.numbered_as};
  for (size_t i = 0; by_name && i < inputs; ++i)
    columns.inputs.emplace_back(options.input_names[i], text(i) ? "text" : "number");
  // The only column besides the target need not be called as the model's only input.
  if (by_name && !named && inputs == 1)
    if (const std::string only = csv_column_besides(path, options.target); !only.empty()) columns.inputs[0].name = only;
  const CsvDataset data = csv_dataset(path, columns);
  if (!data.class_names.empty()) give(options, data.class_names[0]);
  return data;
}

[[noreturn]] void refuse(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status))
    fail(path,
         "the folder must hold class folders of images or of .txt files, tar shards, TFRecord files, or IDX files, "
         "train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or .gz. Got ",
         fs::is_empty(path, error) ? "an empty folder." : "none of them.");
  const char* rule =
      "data must be a built-in name (fashion-mnist, mnist), a .npz, .npy, .csv, .tar or .tfrecord file, or a folder. ";
  if (fs::exists(status)) fail(path, rule, "Got a file that ends in \"", fs::path(path).extension().string(), "\".");
  const std::string near = nearest_name(path, built_in_names());
  fail(path, rule, "Got a path that does not exist.", near.empty() ? "" : " Did you mean \"" + near + "\"?");
}

}  // namespace

Dataset open_data(const std::string& path_or_name, const DataOptions& options) {
  const std::string& path = path_or_name;
  const DataForm form = data_form(path);
  require(options.target.empty() || form == DataForm::Csv || form == DataForm::Unknown, path,
          "a target column belongs to a .csv file. Got the target \"", options.target, "\" for ", name_of(form), ".");
  switch (form) {
    case DataForm::BuiltIn: {
      const datasets::Split split =
          path == "mnist" ? datasets::mnist(options.data_dir) : datasets::fashion_mnist(options.data_dir);
      return options.part == DataPart::Train ? split.train : split.test;
    }
    case DataForm::Npz: return open_npz_data(path, options.input_names, options.output_names, options.asked_outputs);
    case DataForm::Csv: return open_csv(path, options);
    case DataForm::Npy: return open_npy_data(path);
    case DataForm::IdxFolder: return open_idx(path, options.part);
    case DataForm::ImageFolder: return open_images(path, options);
    case DataForm::TextFolder: return open_texts(path, options);
    case DataForm::TarShards: return open_shards(path, options);
    case DataForm::TfRecords: return open_tfrecords(path, options);
    case DataForm::Unknown: break;
  }
  refuse(path);
}

}  // namespace batchwise
