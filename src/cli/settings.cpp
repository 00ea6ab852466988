// Settings of a run.
#include "cli/settings.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <batchwise/error.h>

#include "base/number_text.h"
#include "cli/model_choice.h"
#include "cli/time_choice.h"
#include "data/data_form.h"

namespace batchwise {

void declare_arithmetic(Arguments& arguments, CompileChoice& choice) {
  arguments.text("--dtype", choice.dtype, "POLICY",
                 "float32 or mixed_bfloat16, of all layers, instead of the model file's");
  arguments.text("--convolution", choice.convolution, "auto|direct",
                 "direct: no Winograd for 3 x 3 convolutions, a little slower and a few bits more precise");
}

void read_checkpoint_interval(const std::string& text, CheckpointOptions& options) {
  const std::optional<double> seconds = seconds_in(text);
  int64_t steps = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), steps);
  const bool counts = error == std::errc() && steps > 0 && std::string_view(end) == "steps";
  require(seconds || counts, "--checkpoint-every",
          "the value must be a positive time or number of updates, such as 30s, 10min or 100steps. Got \"", text,
          "\".");
  if (counts) options.every_steps = steps;
  else options.every_seconds = *seconds;
}

void TrainSettings::declare(Arguments& a) {
  a.integer("--batch-size", batch_size, 1, "Samples per weight update", true, Arguments::kMostSamples);
  a.integer("--epochs", epochs, 1, "Times through the data", true);
  a.text("--grow-batch", growth.when, "steps|plateau|noise",
         "Let the batch size grow: by steps, when the validation loss stops improving, or with the noise scale");
  a.integer("--grow-to", growth.to, 1, "The largest batch size to grow to", false, Arguments::kMostSamples);
  a.integer("--grow-every", growth.every, 1, "Samples between two steps of --grow-batch steps. Otherwise an epoch");
  a.number("--grow-by", growth.by, "Factor of one step. Otherwise 2");
  a.text("--grow-rule", growth.rule, "RULE",
         "How the learning rate follows the growth: auto, linear, square_root, constant, none. Otherwise auto with the "
         "noise scale, none by steps and on a plateau");
  for (const char* option : {"--grow-to", "--grow-every", "--grow-by", "--grow-rule"}) a.needs(option, "--grow-batch");
  a.needs("--grow-batch", "--grow-to");
  a.flag("--noise-by-layer", noise_by_layer,
         "Measure the noise scale of every weight too, and say it at the end and in the report");
  a.text("--optimizer", compile.optimizer, "NAME", "adam, sgd, ... instead of the model file's");
  a.number("--learning-rate", compile.learning_rate, "Instead of the optimizer's own");
  rules.declare(a);
  declare_shared(a);
  declare_checkpoints(a);
}

void TrainSettings::declare_shared(Arguments& a) {
  declare_speed(a);
  a.number("--validation-split", validation_split, "Share of the data, from its end, to validate on");
  a.text("--validation-data", validation_data, "DATA", "Data to validate on; of built-in names, the test part");
  a.text("--loss", compile.loss, "NAME", "sparse_categorical_crossentropy, mse, ... instead of the model file's");
  a.names("--metrics", compile.metrics, "accuracy, mae, ... instead of the model file's");
  declare_arithmetic(a, compile);
  a.integer("--grain", grain, 1, "Samples that travel together. Otherwise chosen from model and batch size");
  a.seed("--seed", seed, "Of first weights, shuffling and dropout");
  a.flag("--no-shuffle", no_shuffle, "Keep the samples in order");
  a.flag("--allow-nan", allow_nan, "Go on when the loss or the data is not finite");
  data.declare(a);
  a.excludes("--validation-split", "--validation-data");
}

void TrainSettings::declare_speed(Arguments& a) {
  a.size("--memory", memory, "Budget: bytes this process may use (64M, 1.5GiB). Otherwise found");
  a.integer("--lanes", lanes, 1, "Cores to use. Changes speed, never results", false, Arguments::kMostLanes);
  a.integer("--loader-batch", loader_batch, 1,
            "Samples the pipeline hands over at a time. Changes speed, never results");
  a.integer("--workers", workers, 1, "Most threads that decode images at a time. Changes speed, never results");
}

void TrainSettings::declare_checkpoints(Arguments& a) {
  a.text("--checkpoint-every", checkpoint_every, "30s|100steps",
         "How often to write a checkpoint. Otherwise after every epoch");
}

void TrainSettings::take_speed(const TrainSettings& given) {
  if (given.memory > 0) memory = given.memory;
  if (given.lanes > 0) lanes = given.lanes;
  if (given.loader_batch > 0) loader_batch = given.loader_batch;
  if (given.workers > 0) workers = given.workers;
  if (!given.checkpoint_every.empty()) checkpoint_every = given.checkpoint_every;
  if (!given.data.images.cache.empty()) data.images.cache = given.data.images.cache;
}

void TrainSettings::check() const {
  data.check({data.data, validation_data});
  if (validation_split)
    require(*validation_split > 0 && *validation_split < 1, "--validation-split",
            "the value must be a share between 0 and 1. Got ", *validation_split, ".");
  if (compile.learning_rate)
    require(*compile.learning_rate > 0, "--learning-rate", "the value must be positive. Got ", *compile.learning_rate,
            ".");
  rules.check();
  CheckpointOptions ignored;
  if (!checkpoint_every.empty()) read_checkpoint_interval(checkpoint_every, ignored);
  if (growth.when.empty()) return;
  require(growth.every == 0 || growth.when == "steps", "--grow-every",
          "the option belongs to --grow-batch steps. Got it with --grow-batch ", growth.when,
          ", which looks for itself when to grow. Leave the option out.");
  if (!growth.rule.empty()) check_rule_name("--grow-rule", growth.rule);
  grow_batch();
  const double factor = growth.by.value_or(2), least = 1 + 0.5 / static_cast<double>(batch_size);
  require(factor >= least, "--grow-by", "one step must add a sample at least to --batch-size, ", batch_size,
          ": the factor must be at least ", rounded_number(least), ". Got ", factor, ".");
  require(growth.to >= batch_size, "--grow-to", "the batch must grow: the size must be at least --batch-size, ",
          batch_size, ". Got ", growth.to, ".");
}

std::shared_ptr<GrowBatch> TrainSettings::grow_batch() const {
  if (growth.when.empty()) return nullptr;
  GrowBatchOptions options;
  options.when = growth.when;
  options.largest = growth.to;
  options.rule = growth.rule;
  options.every_samples = growth.every;
  options.factor = growth.by.value_or(2);
  if (!validation_split && validation_data.empty()) options.monitor = "loss";
  return std::make_shared<GrowBatch>(options);
}

FitOptions TrainSettings::fit_options() const {
  FitOptions options;
  options.batch_size = batch_size;
  options.epochs = epochs;
  options.memory = memory;
  options.lanes = static_cast<int>(lanes);
  options.grain = grain;
  options.seed = seed;
  options.shuffle = no_shuffle ? Shuffle::No : Shuffle::Yes;
  options.validation_split = validation_split.value_or(0);
  options.verbose = 0;  // the program brings its own console
  options.allow_nan = allow_nan;
  options.noise_scale_by_layer = noise_by_layer;
  if (!checkpoint_every.empty()) read_checkpoint_interval(checkpoint_every, options.checkpoint);
  return options;
}

namespace {

Config number_or_null(const std::optional<double>& value) { return value ? Config(*value) : Config(); }

std::optional<double> optional_number(const Config& config, std::string_view key) {
  const Config* value = config.find(key);
  if (!value || value->is_null()) return std::nullopt;
  return value->as_number(key);
}

// A word that stands for built-in data does so wherever a file of that name lies.
std::string data_from_anywhere(const std::string& data) {
  const std::vector<std::string>& words = built_in_names();
  return std::find(words.begin(), words.end(), data) != words.end() ? data : absolute_if_there(data);
}

}  // namespace

Config TrainSettings::config() const {
  Config::List metrics;
  for (const std::string& name : compile.metrics) metrics.emplace_back(name);
  Config::List classes;
  for (const std::string& name : class_names) classes.emplace_back(name);
  return Config::object({{"model", is_model_file(model) ? absolute_if_there(model) : model},
                         {"data", data_from_anywhere(data.data)},
                         {"data_dir", absolute_if_there(data.data_dir)},
                         {"target", data.target},
                         {"images", data.images.config()},
                         {"class_names", classes},
                         {"validation_data", data_from_anywhere(validation_data)},
                         {"validation_split", number_or_null(validation_split)},
                         {"optimizer", compile.optimizer},
                         {"learning_rate", number_or_null(compile.learning_rate)},
                         {"loss", compile.loss},
                         {"dtype", compile.dtype},
                         {"convolution", compile.convolution},
                         {"metrics", metrics},
                         {"rules", rules.config()},
                         {"batch_size", batch_size},
                         {"epochs", epochs},
                         {"memory", memory},
                         {"lanes", lanes},
                         {"grain", grain},
                         {"loader_batch", loader_batch},
                         {"workers", workers},
                         {"seed", std::to_string(seed)},  // 64 bits unsigned: more than a JSON integer holds
                         {"no_shuffle", no_shuffle},
                         {"allow_nan", allow_nan},
                         {"noise_by_layer", noise_by_layer},
                         {"grow_batch", growth.when},
                         {"grow_to", growth.to},
                         {"grow_every", growth.every},
                         {"grow_by", number_or_null(growth.by)},
                         {"grow_rule", growth.rule},
                         {"checkpoint_every", checkpoint_every}});
}

TrainSettings TrainSettings::from(const Config& config) {
  TrainSettings s;
  s.model = config.at("model").as_string("model");
  s.data = {config.at("data").as_string("data"), config.get("data_dir", ""), config.get("target", ""), {}};
  if (const Config* images = config.find("images")) s.data.images = ImageChoice::from(*images);
  if (const Config* classes = config.find("class_names"))
    for (const Config& name : classes->as_list("class_names")) s.class_names.push_back(name.as_string("class_names"));
  s.validation_data = config.get("validation_data", "");
  s.validation_split = optional_number(config, "validation_split");
  s.compile.optimizer = config.get("optimizer", "");
  s.compile.learning_rate = optional_number(config, "learning_rate");
  s.compile.loss = config.get("loss", "");
  s.compile.dtype = config.get("dtype", "");
  s.compile.convolution = config.get("convolution", "");
  for (const Config& name : config.at("metrics").as_list("metrics"))
    s.compile.metrics.push_back(name.as_string("metrics"));
  s.growth = {config.get("grow_batch", ""), config.get("grow_rule", ""), config.get("grow_to", int64_t{0}),
              config.get("grow_every", int64_t{0}), optional_number(config, "grow_by")};
  if (const Config* rules = config.find("rules")) s.rules = RuleChoice::from_config(*rules);
  s.batch_size = config.at("batch_size").as_int("batch_size");
  s.epochs = config.at("epochs").as_int("epochs");
  s.memory = config.get("memory", 0);
  s.lanes = config.get("lanes", 0);
  s.grain = config.get("grain", 0);
  s.loader_batch = config.get("loader_batch", 0);
  s.workers = config.get("workers", 0);
  const std::string seed = config.at("seed").as_string("seed");
  const auto [end, error] = std::from_chars(seed.data(), seed.data() + seed.size(), s.seed);
  require(error == std::errc() && end == seed.data() + seed.size(), "seed", "the value must be a whole number. Got \"",
          seed, "\".");
  s.no_shuffle = config.get("no_shuffle", false);
  s.allow_nan = config.get("allow_nan", false);
  s.noise_by_layer = config.get("noise_by_layer", false);
  s.checkpoint_every = config.get("checkpoint_every", "");
  return s;
}

}  // namespace batchwise
