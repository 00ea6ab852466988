// Training trajectories of real Keras, step by step: the runs of tests/golden/fit/runs.json.
#include <cmath>
#include <filesystem>
#include <iomanip>
#include <map>
#include <set>
#include <sstream>

#include <batchwise/callbacks.h>
#include <batchwise/model.h>
#include <gtest/gtest.h>

#include "formats/idx/idx.h"
#include "formats/json/json.h"
#include "formats/npz/npz.h"

namespace batchwise {
namespace {

const std::string kGolden = std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/";

Array pixels(const std::string& file, int64_t n, bool channels) {
  const Array bytes = read_idx(kGolden + "mnist/" + file).slice(0, n);
  Array x(DType::Float32, channels ? Shape{n, 28, 28, 1} : Shape{n, 28, 28});
  for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = static_cast<float>(bytes.data<uint8_t>()[i]) / 255.0f;
  return x;
}

Array one_hot(const Array& labels) {
  Array y(DType::Float32, {labels.rows(), 10});
  for (int64_t i = 0; i < labels.rows(); ++i) y.data<float>()[i * 10 + labels.data<uint8_t>()[i]] = 1;
  return y;
}

Array is_even(const Array& labels) {
  Array y(DType::Float32, {labels.rows(), 1});
  for (int64_t i = 0; i < labels.rows(); ++i) y.data<float>()[i] = labels.data<uint8_t>()[i] % 2 == 0;
  return y;
}

Array sample_weights(int64_t n) {
  Array weights(DType::Float32, {n});
  for (int64_t i = 0; i < n; ++i) weights.data<float>()[i] = static_cast<float>((7 * i) % 5) * 0.5f;
  return weights;
}

// Words of a made-up language: rows of 12, of which the first 3 to 12 are there and the rest is 0.
Dataset sequences(const Config& spec, bool test) {
  const int64_t n = spec.at("n").as_int(), steps = 12;
  const bool each = spec.at("y").as_string() == "yseq";
  Array words(DType::Int32, {n, steps}), y(DType::Int64, each ? Shape{n, steps} : Shape{n}), weights;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t t = 0; t < steps; ++t) {
      const int64_t word = t < 3 + 5 * i % 10 ? 1 + (31 * i + 17 * t + i * t % 7) % 19 : 0;
      words.data<int32_t>()[i * steps + t] = static_cast<int32_t>(word);
      if (each) y.data<int64_t>()[i * steps + t] = word % 3;
      else if (t == 0) y.data<int64_t>()[i] = word % 3;
    }
  if (!test && spec.get("sample_weight", false)) weights = sample_weights(n);
  return Dataset(words, y, weights);
}

Dataset data_of(const Config& spec, bool test) {
  if (spec.at("data").as_string() == "seq") return sequences(spec, test);
  const int64_t n = test ? 1000 : spec.at("n").as_int();
  const std::string stem = test ? "t10k" : "train";
  const bool channels = spec.at("model").as_string().starts_with("cnn");
  const Array x = pixels(stem + "-images-idx3-ubyte.gz", n, channels);
  const Array labels = read_idx(kGolden + "mnist/" + stem + "-labels-idx1-ubyte.gz").slice(0, n);
  const std::string& form = spec.at("y").as_string();
  if (form == "two") return Dataset(std::vector{x}, std::vector{one_hot(labels), is_even(labels)});
  const Array y = form == "onehot" ? one_hot(labels) : labels.cast(DType::Int64);
  Array weights;
  if (!test && spec.get("sample_weight", false)) weights = sample_weights(n);
  return Dataset(x, y, weights);
}

Spec spec_with_schedule(const Config& value) {
  Spec spec = spec_of(value, "optimizer");
  if (const Config* rate = spec.config.find("learning_rate"); rate && rate->is_object()) {
    Config schedule = *rate;
    const std::string name = schedule.at("schedule").as_string();
    schedule.erase("schedule");
    spec.config.set("learning_rate", Config::object({{"class_name", name}, {"config", schedule}}));
  }
  return spec;
}

CompileOptions settings_of(const Config& spec) {
  CompileOptions options;
  options.optimizer = spec_with_schedule(spec.at("optimizer"));
  if (const Config& loss = spec.at("loss"); loss.is_list())
    for (const Config& each : loss.as_list()) options.losses.push_back(spec_of(each, "loss"));
  else options.loss = spec_of(loss, "loss");
  for (const Config& metric : spec.at("metrics").as_list())
    if (metric.is_list()) {
      options.output_metrics.emplace_back();
      for (const Config& each : metric.as_list()) options.output_metrics.back().push_back(spec_of(each, "metrics"));
    } else options.metrics.push_back(spec_of(metric, "metrics"));
  if (const Config* weighted = spec.find("weighted_metrics"))
    for (const Config& each : weighted->as_list())
      options.weighted_metrics.push_back(spec_of(each, "weighted_metrics"));
  if (const Config* weights = spec.find("loss_weights"))
    for (const Config& each : weights->as_list()) options.loss_weights.push_back(each.as_number());
  return options;
}

// What Keras's own recorder of the golden runs noted.
class Recorder : public Callback {
 public:
  void on_train_batch_end(int64_t, const Logs& logs, RunControl&) override {
    if (losses.size() < 12) losses.push_back(*find_log(logs, "loss"));
  }
  void on_epoch_end(int64_t, Logs&, RunControl& control) override { rates.push_back(control.learning_rate()); }
  std::vector<double> losses, rates;
};

std::shared_ptr<Callback> callback_of(const Config& value) {
  const Spec spec = spec_of(value, "callback");
  const Config& c = spec.config;
  if (spec.class_name == "EarlyStopping")
    return std::make_shared<EarlyStopping>(
        EarlyStoppingOptions{.monitor = c.get("monitor", "val_loss"),
                             .min_delta = c.get("min_delta", 0.0),
                             .patience = c.get("patience", 0),
                             .restore_best_weights = c.get("restore_best_weights", false),
                             .start_from_epoch = c.get("start_from_epoch", 0)});
  if (spec.class_name == "ReduceLROnPlateau")
    return std::make_shared<ReduceLROnPlateau>(ReduceLROnPlateauOptions{.monitor = c.get("monitor", "val_loss"),
                                                                        .factor = c.get("factor", 0.1),
                                                                        .patience = c.get("patience", 10),
                                                                        .min_delta = c.get("min_delta", 1e-4),
                                                                        .cooldown = c.get("cooldown", 0),
                                                                        .min_lr = c.get("min_lr", 0.0)});
  return std::make_shared<LearningRateScheduler>(
      [](int64_t epoch, double rate) { return epoch >= 2 ? rate * 0.6 : rate; });
}

FitOptions fit_options(const Config& spec, const Config& golden) {
  FitOptions options;
  options.batch_size = spec.at("batch_size").as_int();
  options.epochs = spec.at("epochs").as_int();
  options.shuffle = Shuffle::No;
  options.validation_split = 0.2;
  options.verbose = 0;
  if (spec.get("class_weight", false))
    for (int64_t k = 0; k < 10; ++k)
      options.class_weight[k] = golden.at("class_weight").as_list()[static_cast<size_t>(k)].as_number();
  if (const Config* fit = spec.find("fit")) {
    options.steps_per_epoch = fit->get("steps_per_epoch", 0);
    options.validation_freq = fit->get("validation_freq", 1);
    options.validation_batch_size = fit->get("validation_batch_size", 0);
    options.validation_steps = fit->get("validation_steps", 0);
    options.initial_epoch = fit->get("initial_epoch", 0);
  }
  if (const Config* callbacks = spec.find("callbacks"))
    for (const Config& each : callbacks->as_list()) options.callbacks.push_back(callback_of(each));
  return options;
}

// Per-output losses of Keras are means of batch means; ours weigh samples alike (docs: differs from Keras).
bool is_output_loss(const std::string& key) { return key.ends_with("_loss") && key != "val_loss"; }

// Where a run of ours leaves Keras's.
struct Deviations {
  void expect_near(double got, double expected, double limit, const std::string& what) {
    if (std::abs(got - expected) <= limit) return;
    std::ostringstream text;
    text << std::setprecision(9) << what << ": " << got << " in place of " << expected << ", off by "
         << std::abs(got - expected) << " of " << limit;
    found.push_back(text.str());
  }
  std::vector<std::string> found;
};

void compare_history(const Config& run, const History& history, Deviations& off) {
  const double loss_limit = run.at("tolerance").at("loss").as_number(),
               other_limit = run.at("tolerance").at("other").as_number();
  std::set<std::string> seen;
  for (const auto& [key, expected] : run.at("history").as_object()) {
    seen.insert(key);
    const std::vector<double>& got = history[key];
    ASSERT_EQ(got.size(), expected.as_list().size()) << key;
    const bool loss = key.find("loss") != std::string::npos;
    const double limit = is_output_loss(key) ? 5e-3 : loss ? loss_limit : other_limit;
    for (size_t e = 0; e < got.size(); ++e)
      off.expect_near(got[e], expected.as_list()[e].as_number(), limit, key + ", epoch " + std::to_string(e));
  }
  for (const auto& [key, values] : history.history) EXPECT_TRUE(seen.count(key)) << "the extra key " << key;
}

void compare_evaluation(const Config& run, const Model& model, const Dataset& test, Deviations& off) {
  // Every tenth of the tolerances is used up by training; evaluation adds nothing that depends on batching.
  const double limit = std::max(run.at("tolerance").at("loss").as_number(), 1e-4);
  for (const auto& [batch, expected] : run.at("evaluate").as_object()) {
    const Logs logs = model.evaluate(test, {.batch_size = std::stoll(batch)});
    off.expect_near(*find_log(logs, "loss"), expected.as_list()[0].as_number(), limit, "evaluate at " + batch);
  }
}

void compare_weights(const Config& run, const Model& model, Deviations& off) {
  // Trajectories that ReLU flips make sensitive are told by their tolerance; the weights follow it.
  const double limit = std::max(2e-5, 30 * run.at("tolerance").at("loss").as_number());
  const auto weights = model.get_weights();
  const auto& expected = run.at("final_weights").as_list();
  ASSERT_EQ(weights.size(), expected.size());
  for (size_t w = 0; w < weights.size(); ++w) {
    const auto& index = expected[w].at("index").as_list();
    const auto& value = expected[w].at("value").as_list();
    for (size_t i = 0; i < index.size(); ++i)
      off.expect_near(weights[w].data<float>()[index[i].as_int()], value[i].as_number(), limit,
                      expected[w].at("path").as_string() + " at " + std::to_string(index[i].as_int()));
  }
}

Deviations deviations(const Config& golden, const Config& run, int64_t grain) {
  const Config& spec = run.at("spec");
  Model model = Model::load(kGolden + "fit/" + spec.at("model").as_string() + ".keras");
  model.compile(settings_of(spec));
  FitOptions options = fit_options(spec, golden);
  options.grain = grain;
  const auto recorder = std::make_shared<Recorder>();
  options.callbacks.push_back(recorder);
  const History history = model.fit(data_of(spec, false), options);
  Deviations off;
  compare_history(run, history, off);
  const auto& losses = run.at("running_loss_first_steps").as_list();
  for (size_t i = 0; i < losses.size(); ++i)
    off.expect_near(recorder->losses[i], losses[i].as_number(),
                    std::max(1e-5 * std::max(1.0, losses[i].as_number()), run.at("tolerance").at("loss").as_number()),
                    "loss of step " + std::to_string(i));
  const auto& rates = run.at("lr_at_epoch_end").as_list();
  for (size_t i = 0; i < rates.size(); ++i)
    off.expect_near(recorder->rates[i], rates[i].as_number(), 1e-6 * rates[i].as_number(),
                    "learning rate of epoch " + std::to_string(i));
  compare_weights(run, model, off);
  compare_evaluation(run, model, data_of(spec, true), off);
  return off;
}

// A ReLU on the brink opens or not by the last bit of a sum, and the run goes one of two ways from there. Another grain
// adds in another order: what is wrong for another reason is wrong with every grain.
TEST(FitGolden, EveryRunOfTheseLayersFollowsKeras) {
  const Config golden = read_json(kGolden + "fit/runs.json", {.bytes = int64_t{64} << 20});
  int compared = 0, with_another_grain = 0;
  for (const auto& [name, run] : golden.at("runs").as_object()) {
    SCOPED_TRACE(name);
    Deviations off = deviations(golden, run, 0);
    for (const int64_t grain : {16, 32}) {
      if (off.found.empty()) break;
      if (deviations(golden, run, grain).found.empty()) off.found.clear(), ++with_another_grain;
    }
    for (const std::string& deviation : off.found) ADD_FAILURE() << deviation;
    ++compared;
  }
  EXPECT_EQ(compared, 75);
  EXPECT_LE(with_another_grain, 4);
}

}  // namespace
}  // namespace batchwise
