// Opening of models and data.
#include "cli/model_choice.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <system_error>

#include "base/element_cast.h"
#include "images/decoding_memory.h"
#include "model/builtin/builtin.h"
#include "plan/budget.h"
#include "training/program/objective.h"

namespace batchwise {
namespace {

// Labels count from 0: as many classes as the largest says.
int64_t classes_of(const Dataset& data) {
  const Column& target = data.target(0);
  const int64_t each = target.shape.count();  // labels of a sample
  const int64_t most = std::max<int64_t>(1, 4096 / std::max<int64_t>(1, each));
  const std::string where = data.source().describe();
  std::vector<int64_t> rows;
  std::vector<std::byte> stored(static_cast<size_t>(most * each * size_of(target.dtype)));
  std::vector<double> labels(static_cast<size_t>(most * each));
  double largest = -1;
  for (int64_t first = 0; first < data.size(); first += most) {
    const int64_t count = std::min(most, data.size() - first);
    rows.resize(static_cast<size_t>(count));
    std::iota(rows.begin(), rows.end(), first);
    data.source().fetch(data.num_inputs(), rows, stored.data());
    cast_elements(target.dtype, stored.data(), DType::Float64, reinterpret_cast<std::byte*>(labels.data()),
                  count * each);
    for (int64_t i = 0; i < count * each; ++i) {
      const double label = labels[static_cast<size_t>(i)];
      require(label >= 0 && label == std::floor(label) && label < 1e6, where,
              "labels of a built-in model must be whole numbers from 0 on, below a million. Got ", label, " at sample ",
              first + i / each, ".");
      largest = std::max(largest, label);
    }
  }
  require(largest >= 1, where,
          "labels of a built-in model must tell at least two classes apart. Got the largest label ", largest, ".");
  return static_cast<int64_t>(largest) + 1;
}

Model builtin_for(const std::string& name, const Dataset& data) {
  const BuiltinModel& builtin = builtin_model(name);
  const std::string where = data.source().describe();
  require(data.num_inputs() == 1 && data.num_targets() == 1, where,
          "a built-in model needs one input and one target (arrays x and y). Got ", data.num_inputs(), " and ",
          data.num_targets(), ".");
  require(data.size() > 0, where, "there must be samples. Got none.");
  const Shape& target = data.target(0).shape;
  const int positions = builtin.by_position ? data.input(0).shape.rank() - 1 : 0;
  const bool sparse = positions > 0 ? target.rank() == positions : target.count() == 1;
  require(sparse || target.rank() == positions + 1, where, "targets of the built-in model ", name,
          " must be a label or a column per class", positions > 0 ? " for each position" : "", ". Got the shape ",
          target, ".");
  Model model = builtin.make({data.input(0).shape, data.input(0).dtype, sparse ? classes_of(data) : target.back()});
  model.compile(builtin_compile_options(sparse));
  return model;
}

bool ends_with_any(const std::string& text, std::initializer_list<const char*> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](const char* ending) { return text.ends_with(ending); });
}

}  // namespace

bool is_model_file(const std::string& model) {
  std::error_code error;
  if (builtin_models().count(model) > 0) return false;
  return ends_with_any(model, {".keras", ".h5", ".hdf5"}) || model.find('/') != std::string::npos ||
         std::filesystem::exists(model, error);
}

namespace {

DataOptions data_options(const DataChoice& given, const DataUse& use, const Shape& input, const std::string& loss,
                         int64_t outputs, Dataset* held_out) {
  const DataChoice choice = given.taken();
  DataOptions options;
  options.data_dir = choice.data_dir;
  options.target = choice.target;
  options.part = use.part;
  options.images = choice.images.options(input, loss, outputs);
  options.images.shuffle = use.shuffle;
  if (use.shuffle && (is_image_folder(choice.data) || is_text_folder(choice.data))) {
    require(use.seed <= UINT32_MAX, "--seed", "the seed of a folder of files must be below 2^32. Got ", use.seed, ".");
    options.images.seed = static_cast<uint32_t>(use.seed);
  }
  if (use.labels) options.numbered_as = use.numbered_as;
  else options.images.labels = std::nullopt;
  if (held_out) options.images.validation_split = use.validation_split;
  options.held_out = held_out;
  return options;
}

// Opening may decode all images, on all cores, before there is a plan.
Dataset open_within(int64_t memory, const std::string& data, const DataOptions& options) {
  const int64_t budget = memory > 0 ? memory : find_budget().bytes;
  const DecodingLimit limit(budget, budget - process_memory().resident, usable_cores());
  return open_data(data, options);
}

std::string loss_of(const Model& model, const DataUse& use) {
  if (!use.loss.empty()) return use.loss;
  const auto& compiled = model.compiled();
  if (!compiled) return "";
  return compiled->losses.empty() ? compiled->loss.class_name : compiled->losses.front().class_name;
}

}  // namespace

DataUse training_use(const TrainSettings& settings) {
  return {.shuffle = !settings.no_shuffle,
          .seed = settings.seed,
          .validation_split = settings.validation_split,
          .loss = settings.compile.loss,
          .numbered_as = settings.class_names,
          .memory = settings.memory};
}

Dataset open_data_for(const Model& model, const DataChoice& choice, const DataUse& use, Dataset* held_out,
                      std::vector<std::string>* class_names) {
  const Shape& input = model.inputs().front().shape();
  const bool open_size = input.rank() == 3 && (input[0] < 0 || input[1] < 0);
  const DataForm form = data_form(choice.data);
  const bool images = form == DataForm::ImageFolder || form == DataForm::TarShards || form == DataForm::TfRecords;
  require(!open_size || !choice.images.image_size.empty() || !images, "--image-size",
          "images for a model whose input leaves the size open need one. Got none.");
  DataOptions options =
      data_options(choice, use, input, loss_of(model, use), model.outputs().front().shape().back(), held_out);
  options.input_names = model.input_names();
  for (const Symbol& each : model.inputs()) {
    options.input_dtypes.push_back(each.dtype());
    options.input_shapes.push_back(each.shape());
  }
  options.output_names = model.output_names();
  if (use.loss.empty())
    for (size_t output : asked_outputs(model)) options.asked_outputs.push_back(options.output_names[output]);
  options.class_names = class_names;
  return open_within(use.memory, choice.data, options);
}

Dataset open_validation(const Model& model, const TrainSettings& settings) {
  DataChoice choice = settings.data;
  choice.data = settings.validation_data;
  std::vector<std::string> classes;
  const DataUse use{.part = DataPart::Test,
                    .loss = settings.compile.loss,
                    .numbered_as = settings.class_names,
                    .memory = settings.memory};
  Dataset data = open_data_for(model, choice, use, nullptr, &classes);
  require(classes.empty() || !settings.class_names.empty() || data_form(settings.data.data) != data_form(choice.data),
          "--validation-data", "labels must be of one kind. Got names in ", choice.data, " and numbers in ",
          settings.data.data, ".");
  return data;
}

ModelAndData open_model_and_data(const std::string& name, const DataChoice& choice, const DataUse& use) {
  Dataset held_out;
  std::vector<std::string> classes;
  if (is_model_file(name)) {
    Model model = Model::load(name);
    Dataset data = open_data_for(model, choice, use, &held_out, &classes);
    return {model, data, held_out, classes};
  }
  // An unknown name is an error before the data is looked at.
  const BuiltinModel& builtin = builtin_model(name);
  Shape input = builtin.usual.shape;
  if (input.rank() == 3) input[2] = 3;  // photographs have colors
  DataOptions options = data_options(choice, use, input, "", builtin.usual.classes, &held_out);
  options.class_names = &classes;
  Dataset data = open_within(use.memory, choice.data, options);
  return {builtin_for(name, data), data, held_out, classes};
}

Model open_model_without_data(const std::string& name) {
  if (is_model_file(name)) return Model::load(name);
  const BuiltinModel& builtin = builtin_model(name);
  Model model = builtin.make(builtin.usual);
  model.compile(builtin_compile_options(true));
  return model;
}

void set_arithmetic(Model& model, const CompileChoice& choice) {
  if (!choice.dtype.empty()) model.set_dtype_policy(choice.dtype);
  if (!choice.convolution.empty()) model.set_convolution(choice.convolution);
}

namespace {

// Metrics of several outputs begin with the output's name.
void check_metric_names(const Model& model, const CompileOptions& options) {
  if (model.outputs().size() > 1) return;
  std::vector<Spec> all = options.metrics;
  for (const auto* lists : {&options.output_metrics, &options.output_weighted_metrics})
    for (const std::vector<Spec>& list : *lists) all.insert(all.end(), list.begin(), list.end());
  all.insert(all.end(), options.weighted_metrics.begin(), options.weighted_metrics.end());
  for (const Spec& metric : all) {
    const std::string name = metric.config.get("name", "");
    for (const char* taken : {"event", "epoch", "run", "batch_size", "history"})
      require(name != taken, "metrics", "an event has its metrics beside its own keys, such as \"", taken,
              "\": no metric may be called so. Got \"", name, "\". Give others with --metrics.");
  }
}

}  // namespace

void compile_with(Model& model, const CompileChoice& choice) {
  set_arithmetic(model, choice);
  CompileOptions options;
  options.optimizer = "adam";
  if (model.compiled()) options = *model.compiled();
  if (!choice.optimizer.empty()) options.optimizer = Spec(choice.optimizer);
  if (choice.learning_rate) options.optimizer.config.set("learning_rate", *choice.learning_rate);
  if (!choice.loss.empty()) {
    options.loss = Spec(choice.loss);
    options.losses.clear();
  }
  if (!choice.metrics.empty()) {
    options.metrics.assign(choice.metrics.begin(), choice.metrics.end());
    options.output_metrics.clear();
    options.weighted_metrics.clear();
    options.output_weighted_metrics.clear();
  }
  require(
      !options.loss.empty() || !options.losses.empty(), "--loss",
      "the model file states no loss, so one must be given, such as sparse_categorical_crossentropy or mse. Got none.");
  check_metric_names(model, options);
  OptimizerState state = model.optimizer_state();
  model.compile(options);
  if (choice.optimizer.empty()) {
    model.optimizer_state() = std::move(state);
    if (choice.learning_rate) model.optimizer_state().learning_rate = *choice.learning_rate;
  }
}

}  // namespace batchwise
