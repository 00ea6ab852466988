// Settings of a sweep.
#include "cli/sweep_settings.h"

#include <algorithm>

#include <batchwise/error.h>

#include "cli/target_choice.h"

namespace batchwise {
namespace {

template <class T>
Config list_of(const std::vector<T>& values) {
  Config::List list;
  for (const T& value : values) list.emplace_back(value);
  return list;
}

}  // namespace

void SweepSettings::declare(Arguments& a) {
  a.integers("--batch-sizes", batch_sizes, 1, "Batch sizes to compare", true, Arguments::kMostSamples);
  a.numbers("--learning-rates", learning_rates, "Learning rates for the first batch size; the others follow --rule");
  a.names("--optimizers", optimizers, "adam, sgd, ... instead of the model file's");
  a.integer("--seeds", seeds, 1, "How many runs of every setting, each with a seed of its own. Default 1");
  a.integer("--epochs", epochs, 1, "Times through the data, for every run");
  a.integer("--samples", samples, 1, "Samples to train every run on, in place of --epochs", false,
            Arguments::kMostSamples);
  a.text("--rule", rule, "RULE",
         "How optimizers follow the batch size from the first one on: auto, linear, square_root, constant, none. "
         "Default auto: the one that suits each");
  a.text("--reach", target, "METRIC=F", "What runs are compared by the way to. Otherwise derived from their results");
  a.flag("--halving", halving, "Stop the worse half of the settings of a batch size after parts of the epochs");
  a.time("--time", seconds, "Training after which no further run is begun");
  train.declare_shared(a);
  train.declare_checkpoints(a);
  a.excludes("--epochs", "--samples");
}

void SweepSettings::check() const {
  require(epochs > 0 || samples > 0, "sweep", "--epochs or --samples must be given. Got neither.");
  for (double rate : learning_rates)
    require(rate > 0, "--learning-rates", "the values must be positive. Got ", rate, ".");
  for (auto name = optimizers.begin(); name != optimizers.end(); ++name)
    require(std::find(optimizers.begin(), name, *name) == name, "--optimizers", "each must be named once. Got ", *name,
            " twice.");
  require(seeds <= 1000, "--seeds", "there must be at most 1000. Got ", seeds, ".");
  require(train.seed <= UINT64_MAX - 1000, "--seed", "the first seed must leave room for the others. Got ", train.seed,
          ".");
  read_target(target);
  train.check();
}

SweepOptions SweepSettings::options(int64_t size) const {
  SweepOptions options;
  options.batch_sizes = batch_sizes;
  options.optimizers.assign(optimizers.begin(), optimizers.end());
  options.learning_rates = learning_rates;
  options.seeds.clear();
  for (int64_t s = 0; s < seeds; ++s) options.seeds.push_back(train.seed + static_cast<uint64_t>(s));
  options.rule = rule;
  options.fit = train.fit_options();
  options.fit.epochs = epochs > 0 ? epochs : (samples + size - 1) / size;
  options.samples = samples;
  options.target = read_target(target);
  options.halving = halving;
  options.seconds = seconds;
  options.settings = config();
  return options;
}

Config SweepSettings::config() const {
  return Config::object({{"train", train.config()},
                         {"batch_sizes", list_of(batch_sizes)},
                         {"learning_rates", list_of(learning_rates)},
                         {"optimizers", list_of(optimizers)},
                         {"seeds", seeds},
                         {"epochs", epochs},
                         {"samples", samples},
                         {"rule", rule},
                         {"target", target},
                         {"halving", halving},
                         {"seconds", seconds}});
}

SweepSettings SweepSettings::from(const Config& config) {
  SweepSettings s;
  s.train = TrainSettings::from(config.at("train"));
  for (const Config& item : config.at("batch_sizes").as_list("batch_sizes"))
    s.batch_sizes.push_back(item.as_int("batch_sizes"));
  for (const Config& item : config.at("learning_rates").as_list("learning_rates"))
    s.learning_rates.push_back(item.as_number("learning_rates"));
  for (const Config& item : config.at("optimizers").as_list("optimizers"))
    s.optimizers.push_back(item.as_string("optimizers"));
  s.seeds = config.at("seeds").as_int("seeds");
  s.epochs = config.at("epochs").as_int("epochs");
  s.samples = config.at("samples").as_int("samples");
  s.rule = config.at("rule").as_string("rule");
  s.target = config.at("target").as_string("target");
  s.halving = config.at("halving").as_bool("halving");
  s.seconds = config.at("seconds").as_number("seconds");
  return s;
}

}  // namespace batchwise
