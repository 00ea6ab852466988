// image_dataset_from_directory: Keras's rules, then the files in Keras's order.
#include <batchwise/image_dataset.h>

#include <algorithm>
#include <set>

#include <batchwise/error.h>

#include "data/class_folders.h"
#include "data/image_folder/image_check.h"
#include "data/image_folder/image_folder.h"
#include "data/numpy_shuffle.h"
#include "data/sample_cache/cached_samples.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "image_dataset_from_directory";

int channels_of(const std::string& color_mode) {
  require(color_mode == "rgb" || color_mode == "rgba" || color_mode == "grayscale", kWhere,
          "color_mode must be \"rgb\", \"rgba\" or \"grayscale\". Got \"", color_mode, "\".");
  return color_mode == "rgb" ? 3 : color_mode == "rgba" ? 4 : 1;
}

LabelForm label_form_of(const std::optional<std::string>& mode) {
  if (!mode) return LabelForm::None;
  require(*mode == "int" || *mode == "categorical" || *mode == "binary", kWhere,
          "label_mode must be \"int\", \"categorical\", \"binary\" or none. Got \"", *mode, "\".");
  return *mode == "int" ? LabelForm::Int : *mode == "categorical" ? LabelForm::Categorical : LabelForm::Binary;
}

AspectRatio aspect_ratio_of(const ImageDatasetOptions& o) {
  require(!o.crop_to_aspect_ratio || !o.pad_to_aspect_ratio, kWhere,
          "only one of pad_to_aspect_ratio and crop_to_aspect_ratio may be true. Got both.");
  return o.crop_to_aspect_ratio ? AspectRatio::Crop : o.pad_to_aspect_ratio ? AspectRatio::Pad : AspectRatio::Stretch;
}

ImageFolderSettings settings_of(const ImageDatasetOptions& o) {
  ImageFolderSettings settings;
  require(o.image_size.height >= 1 && o.image_size.width >= 1 && o.image_size.height <= 65536 &&
              o.image_size.width <= 65536,
          kWhere, "image_size must be from 1 to 65536. Got ", o.image_size.height, " x ", o.image_size.width, ".");
  require(o.batch_size >= 1, kWhere, "batch_size must be at least 1. Got ", o.batch_size, ".");
  require(o.data_format == "channels_last" || o.data_format == "channels_first", kWhere,
          "data_format must be \"channels_last\" or \"channels_first\". Got \"", o.data_format, "\".");
  require(o.on_bad_file == "error" || o.on_bad_file == "skip", kWhere,
          "on_bad_file must be \"error\" or \"skip\". Got \"", o.on_bad_file, "\".");
  settings.channels = channels_of(o.color_mode);
  settings.label_form = label_form_of(o.label_mode);
  settings.resize = {o.image_size.height, o.image_size.width, interpolation_named(o.interpolation), aspect_ratio_of(o),
                     o.data_format == "channels_first"};
  settings.on_bad_file = o.on_bad_file == "skip" ? BadFile::Skip : BadFile::Error;
  settings.on_skipped = o.on_skipped;
  return settings;
}

void check_split(const ImageDatasetOptions& o, bool both) {
  require(o.validation_split.has_value() == (both || !o.subset.empty()), kWhere,
          "validation_split and subset must be given together. Got only ",
          o.validation_split ? "validation_split." : "subset.");
  if (!o.validation_split) return;
  require(*o.validation_split > 0 && *o.validation_split < 1, kWhere, "validation_split must be between 0 and 1. Got ",
          *o.validation_split, ".");
  require(both || o.subset == "training" || o.subset == "validation", kWhere,
          "subset must be \"training\" or \"validation\"; image_datasets_from_directory gives both. Got \"", o.subset,
          "\".");
  require(!both || o.subset.empty() || o.subset == "both", kWhere, "both subsets are asked for. Got \"", o.subset,
          "\".");
  require(!o.shuffle || o.seed, kWhere,
          "a split of shuffled files needs a seed, so that training and validation do not overlap. Got none.");
}

std::string text_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// The files of the folder with their labels, sorted.
ClassFolders files_of(const std::string& directory, const ImageDatasetOptions& o, LabelForm& form) {
  const auto* word = std::get_if<std::string>(&o.labels.from());
  const auto* given = std::get_if<std::vector<int32_t>>(&o.labels.from());
  require(!word || *word == "inferred", kWhere,
          "labels must be \"inferred\", none, or one whole number per file. Got \"", word ? *word : "", "\".");
  require(word || o.class_names.empty(), kWhere, "class_names go with labels=\"inferred\" alone. Got ",
          o.class_names.size(), " names.");
  if (!word && !given) form = LabelForm::None;
  const bool by_class = word && form != LabelForm::None;
  require(o.numbered_as.empty() || (by_class && o.class_names.empty()), kWhere,
          "numbered_as goes with inferred labels and without class_names. Got ", o.numbered_as.size(), " names.");
  require(by_class || o.class_names.empty(), kWhere, "class_names need labels. Got ", o.class_names.size(),
          " names with label_mode none.");
  ClassFolders files =
      list_class_folders(directory, {o.endings, by_class, o.class_names, o.numbered_as, o.follow_links});
  require(!by_class || !files.class_names.empty(), kWhere, "there must be images in class folders of ", directory,
          ". Got no folder in it. Without classes, set labels to none.");
  if (given && form != LabelForm::None) {
    require(static_cast<int64_t>(given->size()) == files.paths.size(), kWhere, "labels must be one per file. Got ",
            given->size(), " for ", files.paths.size(), " files in ", directory, ".");
    files.labels = *given;
    for (int32_t label : std::set<int32_t>(given->begin(), given->end()))
      files.class_names.push_back(std::to_string(label));
  }
  require(files.paths.size() > 0, kWhere, "there must be images in ", directory, ", files that end in ",
          text_of(o.endings), ". Got none.");
  const auto classes = static_cast<int32_t>(files.class_names.size());
  require(form != LabelForm::Binary || classes == 2, kWhere, "label_mode \"binary\" needs exactly 2 classes. Got ",
          classes, ": ", text_of(files.class_names), ".");
  if (form == LabelForm::Categorical)
    for (int32_t label : files.labels)
      require(label >= 0 && label < classes, kWhere, "labels for label_mode \"categorical\" must be from 0 to ",
              classes - 1, ", one for each of ", classes, " classes. Got ", label, ".");
  return files;
}

class Builder {
 public:
  Builder(const std::string& directory, const ImageDatasetOptions& options, bool both)
      : directory_(directory), options_(options), settings_(settings_of(options)) {
    check_split(options, both);
    while (directory_.size() > 1 && directory_.back() == '/') directory_.pop_back();
    files_ = files_of(directory_, options, settings_.label_form);
    order_ = options.shuffle ? numpy_shuffle(files_.paths.size(), options.seed.value_or(0)) : in_order();
  }

  ImageDataset all() const { return part(0, files_.paths.size()); }
  ImageDataset training() const { return part(0, files_.paths.size() - held_out()); }
  ImageDataset validation() const { return part(files_.paths.size() - held_out(), files_.paths.size()); }

 private:
  std::vector<int64_t> in_order() const {
    std::vector<int64_t> order;
    for (int64_t i = 0; i < files_.paths.size(); ++i) order.push_back(i);
    return order;
  }

  int64_t held_out() const {
    const int64_t files = files_.paths.size();
    const auto count = static_cast<int64_t>(*options_.validation_split * static_cast<double>(files));
    require(count > 0 && count < files, kWhere, "validation_split must leave files on both sides. Got ",
            *options_.validation_split, " of ", files, " files.");
    return count;
  }

  // Damaged files are left out after the split, so that they move no file from one side to the other.
  ImageDataset part(int64_t first, int64_t end) const {
    ImageFolderRows rows;
    rows.directory = directory_;
    rows.classes = static_cast<int64_t>(files_.class_names.size());
    const auto add = [&](ImageFolderRows& to, std::string_view path, const FileState& state, int64_t label_of) {
      to.paths.add(path);
      to.states.push_back(state);
      if (settings_.label_form != LabelForm::None) to.labels.push_back(files_.labels[static_cast<size_t>(label_of)]);
    };
    for (int64_t i = first; i < end; ++i) {
      const int64_t file = order_[static_cast<size_t>(i)];
      add(rows, files_.paths[file], state_or_nothing(file), file);
    }
    std::vector<SkippedFile> skipped;
    if (settings_.on_bad_file == BadFile::Skip) {
      const std::vector<CheckedImage> checked = check_images(rows.paths, rows.states, settings_.channels);
      ImageFolderRows good;
      good.directory = rows.directory;
      good.classes = rows.classes;
      for (int64_t row = 0; row < rows.paths.size(); ++row) {
        const std::string& damage = checked[static_cast<size_t>(row)].damage;
        if (!damage.empty()) skipped.push_back({std::string(rows.paths[row]), damage});
        else
          add(good, rows.paths[row], rows.states[static_cast<size_t>(row)], order_[static_cast<size_t>(first + row)]);
      }
      rows = std::move(good);
      for (const SkippedFile& file : skipped)
        if (settings_.on_skipped) settings_.on_skipped(file);
      require(rows.paths.size() > 0, kWhere, "there must be images that can be read in ", directory_, ". Got ",
              skipped.size(), " damaged files and no other.");
    }
    const int targets = settings_.label_form == LabelForm::None ? 0 : 1;
    std::shared_ptr<const Source> source = std::make_shared<ImageFolder>(std::move(rows), settings_);
    if (!options_.cache.empty())
      source = std::make_shared<CachedSamples>(source, sample_cache_path(options_.cache, *source),
                                               CachedSamples::OtherFile::Replaced);
    return {Dataset(std::move(source), 1, targets), files_.class_names, std::move(skipped)};
  }

  // A link to nothing is listed like any file; reading it says what is wrong.
  FileState state_or_nothing(int64_t file) const {
    try {
      return state_of_file(files_.paths.c_str(file));
    } catch (const Error&) { return {}; }
  }

  std::string directory_;
  const ImageDatasetOptions& options_;
  ImageFolderSettings settings_;
  ClassFolders files_;
  std::vector<int64_t> order_;
};

}  // namespace

std::vector<std::string> ImageDataset::file_paths() const {
  std::vector<std::string> paths;
  const Source* whole = &source();
  if (const auto* cached = dynamic_cast<const CachedSamples*>(whole)) whole = cached->source().get();
  const auto* folder = dynamic_cast<const ImageFolder*>(whole);
  if (!folder) return paths;
  for (int64_t row = 0; row < size(); ++row) paths.emplace_back(folder->paths()[row]);
  return paths;
}

ImageDataset image_dataset_from_directory(const std::string& directory, const ImageDatasetOptions& options) {
  const Builder builder(directory, options, false);
  return options.subset.empty()         ? builder.all()
         : options.subset == "training" ? builder.training()
                                        : builder.validation();
}

ImageDatasetSplit image_datasets_from_directory(const std::string& directory, const ImageDatasetOptions& options) {
  const Builder builder(directory, options, true);
  return {builder.training(), builder.validation()};
}

}  // namespace batchwise
