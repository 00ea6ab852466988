// text_dataset_from_directory: Keras's rules, then the files in Keras's order.
#include <batchwise/text_dataset.h>

#include <numeric>
#include <set>

#include <batchwise/error.h>

#include "base/input_file.h"
#include "data/class_folders.h"
#include "data/numpy_shuffle.h"
#include "data/sources/memory.h"
#include "data/text_blocks.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "text_dataset_from_directory";
constexpr int64_t kLongest = int64_t{1} << 30;  // bytes of one text

void check_arguments(const TextDatasetOptions& o, bool both) {
  const auto& mode = o.label_mode;
  require(!mode || *mode == "int" || *mode == "categorical" || *mode == "binary", kWhere,
          "label_mode must be \"int\", \"categorical\", \"binary\" or none. Got \"", mode.value_or(""), "\".");
  require(o.batch_size >= 1, kWhere, "batch_size must be at least 1. Got ", o.batch_size, ".");
  require(!o.max_length || *o.max_length >= 1, kWhere, "max_length must be positive. Got ", o.max_length.value_or(0),
          ".");
  require(o.validation_split.has_value() == (both || !o.subset.empty()), kWhere,
          "validation_split and subset must be given together. Got only ",
          o.validation_split ? "validation_split." : "subset.");
  if (!o.validation_split) return;
  require(*o.validation_split > 0 && *o.validation_split < 1, kWhere, "validation_split must be between 0 and 1. Got ",
          *o.validation_split, ".");
  require(both ? o.subset.empty() || o.subset == "both" : o.subset == "training" || o.subset == "validation", kWhere,
          "subset must be \"training\" or \"validation\"; text_datasets_from_directory gives both. Got \"", o.subset,
          "\".");
  require(!o.shuffle || o.seed, kWhere,
          "a split of shuffled files needs a seed, so that training and validation do not overlap. Got none.");
}

class Builder {
 public:
  Builder(std::string directory, const TextDatasetOptions& options, bool both)
      : directory_(std::move(directory)), options_(options) {
    check_arguments(options, both);
    while (directory_.size() > 1 && directory_.back() == '/') directory_.pop_back();
    list_files();
    order_.resize(static_cast<size_t>(files_.paths.size()));
    std::iota(order_.begin(), order_.end(), int64_t{0});
    if (options.shuffle) order_ = numpy_shuffle(files_.paths.size(), options.seed.value_or(0));
  }

  TextDataset all() const { return part(0, files_.paths.size()); }
  TextDataset training() const { return part(0, files_.paths.size() - held_out()); }
  TextDataset validation() const { return part(files_.paths.size() - held_out(), files_.paths.size()); }

 private:
  void list_files() {
    const auto* word = std::get_if<std::string>(&options_.labels.from());
    const auto* given = std::get_if<std::vector<int32_t>>(&options_.labels.from());
    require(!word || *word == "inferred", kWhere,
            "labels must be \"inferred\", none, or one whole number per file. Got \"", word ? *word : "", "\".");
    labelled_ = options_.label_mode && (word || given);
    const bool by_class = word && labelled_;
    require(by_class || options_.class_names.empty(), kWhere, "class_names go with labels=\"inferred\" alone. Got ",
            options_.class_names.size(), " names.");
    require(options_.numbered_as.empty() || (by_class && options_.class_names.empty()), kWhere,
            "numbered_as goes with inferred labels and without class_names. Got ", options_.numbered_as.size(),
            " names.");
    files_ = list_class_folders(
        directory_, {{".txt"}, by_class, options_.class_names, options_.numbered_as, options_.follow_links});
    require(files_.paths.size() > 0, kWhere, "there must be files that end in .txt in ", directory_, ". Got none.");
    if (given && labelled_) {
      require(static_cast<int64_t>(given->size()) == files_.paths.size(), kWhere, "labels must be one per file. Got ",
              given->size(), " for ", files_.paths.size(), " files in ", directory_, ".");
      files_.labels = *given;
      for (const int32_t label : std::set<int32_t>(given->begin(), given->end()))
        files_.class_names.push_back(std::to_string(label));
    }
    if (!labelled_) return;
    const auto classes = static_cast<int32_t>(files_.class_names.size());
    require(*options_.label_mode != "binary" || classes == 2, kWhere,
            "label_mode \"binary\" needs exactly 2 classes. Got ", classes, ".");
    if (*options_.label_mode == "categorical")
      for (const int32_t label : files_.labels)
        require(label >= 0 && label < classes, kWhere, "labels for label_mode \"categorical\" must be from 0 to ",
                classes - 1, ". Got ", label, ".");
  }

  int64_t held_out() const {
    const int64_t files = files_.paths.size();
    const auto count = static_cast<int64_t>(*options_.validation_split * static_cast<double>(files));
    require(count > 0 && count < files, kWhere, "validation_split must leave files on both sides. Got ",
            *options_.validation_split, " of ", files, " files.");
    return count;
  }

  TextDataset part(int64_t first, int64_t end) const {
    const auto blocks = std::make_shared<TextBlocks>();
    Array texts(DType::String, {end - first});
    texts.keep(blocks);
    std::vector<std::string> paths;
    std::vector<int32_t> labels;
    for (int64_t i = first; i < end; ++i) {
      const int64_t file = order_[static_cast<size_t>(i)];
      paths.emplace_back(files_.paths[file]);
      const std::string text = InputFile(paths.back()).read_all(kLongest);
      texts.data<std::string_view>()[i - first] =
          blocks->add(std::string_view(text).substr(0, static_cast<size_t>(options_.max_length.value_or(kLongest))));
      if (labelled_) labels.push_back(files_.labels[static_cast<size_t>(file)]);
    }
    std::vector<Array> columns{std::move(texts)};
    if (labelled_) columns.push_back(targets(labels));
    Dataset data(std::make_shared<MemorySource>(std::move(columns), std::vector<std::string>{}, directory_), 1,
                 labelled_ ? 1 : 0);
    return {std::move(data), labelled_ ? files_.class_names : std::vector<std::string>(), std::move(paths)};
  }

  Array targets(const std::vector<int32_t>& labels) const {
    const auto rows = static_cast<int64_t>(labels.size());
    if (*options_.label_mode == "int") return Array::from(labels, {rows});
    if (*options_.label_mode == "binary") return Array::from(labels, {rows, 1}).cast(DType::Float32);
    const auto classes = static_cast<int64_t>(files_.class_names.size());
    Array columns(DType::Float32, {rows, classes});
    for (int64_t row = 0; row < rows; ++row)
      columns.data<float>()[row * classes + labels[static_cast<size_t>(row)]] = 1;
    return columns;
  }

  std::string directory_;
  const TextDatasetOptions& options_;
  ClassFolders files_;
  std::vector<int64_t> order_;
  bool labelled_ = false;
};

}  // namespace

TextDataset text_dataset_from_directory(const std::string& directory, const TextDatasetOptions& options) {
  const Builder builder(directory, options, false);
  return options.subset.empty()         ? builder.all()
         : options.subset == "training" ? builder.training()
                                        : builder.validation();
}

TextDatasetSplit text_datasets_from_directory(const std::string& directory, const TextDatasetOptions& options) {
  const Builder builder(directory, options, true);
  return {builder.training(), builder.validation()};
}

}  // namespace batchwise
