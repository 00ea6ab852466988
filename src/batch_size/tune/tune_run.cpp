// The steps of a tune around its race: plans, speeds, the range of learning rates, the probe at the end.
#include "batch_size/tune/tune_run.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <batchwise/byte_size.h>
#include <batchwise/layers.h>

#include "base/number_text.h"
#include "batch_size/tune/advice.h"
#include "batch_size/tune/rate_range.h"
#include "batch_size/tune/speeds.h"
#include "batch_size/tune/standings.h"
#include "batch_size/tune/tune_record.h"
#include "training/callbacks/better_way.h"

namespace batchwise {
namespace {

constexpr int64_t kUsualBatch = 128;    // of the range test
constexpr double kSpeedShare = 0.1;     // of the time or the samples, when they are stated
constexpr double kSpeedSeconds = 0.25;  // for one batch size
constexpr double kProbeShare = 0.1;     // of the samples
constexpr double kRangeShare = 0.15;    // of the time, when it is stated
constexpr double kStepShare = 0.01;     // of the time: a size whose step takes longer is not tried

// The largest of the usual ones.
int64_t range_test_batch(const std::vector<int64_t>& sizes) {
  int64_t batch_size = *std::min_element(sizes.begin(), sizes.end());
  for (int64_t size : sizes)
    if (size <= kUsualBatch) batch_size = std::max(batch_size, size);
  return batch_size;
}

int64_t held_bytes(const Dataset& data) { return data.has_rows() ? data.source().resident_bytes() : 0; }

// Training, comparing, saving and loading read code that is not in memory yet: a few MiB that are to be counted before
// it is decided what fits.
void run_once(const std::string& folder) {
  const std::string file = folder + "/first.keras";
  Model model = Sequential({Input({1}), Dense({.units = 1})});
  model.initialize(0);
  model.compile({.optimizer = "adam", .loss = "mean_squared_error"});
  const Dataset data(Array(DType::Float32, {2, 1}), Array(DType::Float32, {2, 1}));
  train_on(model, data, {.batch_size = 1, .learning_rate = 0, .samples = 2, .fit = {}, .deadline = {}});
  measure(model, data, {});
  model.save(file);
  Model::load(file);
  std::filesystem::remove(file);
}

// What it takes to time the sizes, to find the rates, and to run one round.
int64_t least_samples(const std::vector<int64_t>& sizes) {
  int64_t samples = kRangeSteps * range_test_batch(sizes);
  for (int64_t size : sizes) samples += size * (kTimedUpdates + kRatesOfASize * kLeastUpdatesOfALeg);
  return samples;
}

}  // namespace

TuneRun::TuneRun(const Model& model, const Dataset& data, const TuneOptions& options)
    : model_(model), options_(options), parts_(hold_out(data, options.fit, "tune")), settings_(tune_settings(options)) {
  require(model.compiled().has_value(), "tune", "the model must be compiled first.");
  require(model.initialized(), "tune", "the model must have weights: call initialize(seed).");
  require(options.seconds >= 0 && options.samples >= 0, "tune", "seconds and samples must be 0 or more. Got ",
          options.seconds, " and ", options.samples, ".");
  require(better_way(options.metric).has_value(), "tune",
          "the metric must be the loss, or one whose name says which way is better. Got \"", options.metric,
          "\". A name of its own may end in Keras's, as in my_accuracy.");
  require(options.goal != TuneGoal::Best || options.samples > 0, "tune",
          "the best metric is that after so many samples: give them. Got none.");
  require(!options.reach || options.goal != TuneGoal::Best, "tune",
          "a value to reach goes with the goals fastest and samples. Got it with best.");
  require(!options.reach || std::isfinite(*options.reach), "tune", "the value to reach must be finite. Got ",
          options.reach.value_or(0), ".");
  for (size_t i = 0; i < options.batch_sizes.size(); ++i) {
    const int64_t size = options.batch_sizes[i];
    require(size >= 1, "tune", "batch sizes must be at least 1. Got ", size, ".");
    require(std::find(options.batch_sizes.begin(), options.batch_sizes.begin() + static_cast<std::ptrdiff_t>(i),
                      size) == options.batch_sizes.begin() + static_cast<std::ptrdiff_t>(i),
            "tune", "batch sizes must differ. Got ", size, " twice.");
  }
  learning_rate_of(model);
  folder_ = options.directory;
  if (folder_.empty()) {
    folder_ = (std::filesystem::temp_directory_path() / "batchwise-tune-XXXXXX").string();
    require(mkdtemp(folder_.data()) != nullptr, folder_,
            "branches need a folder of their own. Got: ", std::strerror(errno), ".");
    temporary_ = true;
  }
  std::filesystem::create_directories(folder_ + "/branches");
  run_once(folder_ + "/branches");
  const Dataset& others = options.fit.validation_data;
  measure_.emplace(model, held_bytes(data) + (others.empty() ? 0 : held_bytes(others)), model_bytes(model));
}

TuneRun::~TuneRun() {
  std::error_code ignored;
  if (temporary_) std::filesystem::remove_all(folder_, ignored);
}

TuneResult TuneRun::run() {
  began_ = std::chrono::steady_clock::now();
  if (options_.resume)
    if (auto before = read_tune(record(), settings_)) result_ = *before;
  seconds_before_ = result_.seconds;
  hold_in_memory();
  plan();
  begin();
  time();
  find_rates();
  race();
  probe();
  advise(result_, options_, std::max<int64_t>(rows(), 0));
  keep();
  return result_;
}

void TuneRun::say(const std::string& text) const {
  if (options_.on_message) options_.on_message(text);
}

double TuneRun::seconds() const {
  return seconds_before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
}

void TuneRun::keep() {
  result_.seconds = seconds();
  write_tune(record(), result_, settings_);
}

int64_t TuneRun::rows() const { return parts_.train.has_rows() ? parts_.train.size() : parts_.train.cardinality(); }

std::optional<Deadline> TuneRun::deadline() const {
  if (options_.seconds <= 0) return std::nullopt;
  return after(options_.seconds - seconds());
}

std::vector<int64_t> TuneRun::sizes() const {
  std::vector<int64_t> sizes = options_.batch_sizes.empty() ? usual_batch_sizes(rows()) : options_.batch_sizes;
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

void TuneRun::plan() {
  if (!result_.speeds.empty()) return;
  std::vector<int64_t> sizes = this->sizes();
  require(rows() <= 0 || sizes.back() <= rows(), "tune", "a batch size must be at most the ", rows(),
          " samples to train on. Got ", sizes.back(), ".");
  if (samples_bound() > 0) {
    while (options_.batch_sizes.empty() && sizes.size() > 1 && least_samples(sizes) > samples_bound()) sizes.pop_back();
    require(least_samples(sizes) <= samples_bound(), "tune", "to try batch size ", sizes.back(), " and smaller takes ",
            least_samples(sizes), " samples at least. Got ", samples_bound(), ": give more, or smaller batch sizes.");
  }
  result_.speeds = plan_sizes(model_, parts_.train, sizes, options_.fit);
  if (std::none_of(result_.speeds.begin(), result_.speeds.end(), [](const TuneSpeed& s) { return s.fits; })) {
    const int64_t smallest = result_.speeds.front().peak_bytes;
    throw BudgetError("[tune] a batch size must fit the budget, which takes at least " + byte_size_option(smallest) +
                          ". Got " + byte_size_option(options_.fit.memory) + ".",
                      options_.fit.memory, smallest);
  }
  for (const TuneSpeed& speed : result_.speeds)
    if (!speed.fits)
      say("batch size " + std::to_string(speed.batch_size) + " is not tried: it takes at least " +
          byte_size_option(speed.peak_bytes));
  keep();
}

void TuneRun::time() {
  int64_t sizes = 0;
  for (const TuneSpeed& speed : result_.speeds) sizes += speed.fits ? 1 : 0;
  SpeedBounds bounds{kSpeedSeconds, 0};
  if (options_.seconds > 0) {
    bounds.most_seconds = kSpeedShare * options_.seconds / static_cast<double>(sizes);
    bounds.seconds = std::min(kSpeedSeconds, bounds.most_seconds);
  }
  if (options_.samples > 0)
    bounds.samples = static_cast<int64_t>(kSpeedShare * static_cast<double>(options_.samples / sizes));
  for (TuneSpeed& speed : result_.speeds) {
    if (!speed.fits || speed.samples_per_second > 0) continue;
    if (options_.seconds > 0 && steps_take_longer(result_.speeds, speed.batch_size, kStepShare * options_.seconds)) {
      say("batch size " + std::to_string(speed.batch_size) +
          " is not tried: a step takes more than a hundredth of the time");
      continue;
    }
    measure_speed(model_, parts_.train, options_.fit, bounds, speed, result_.samples);
    say("batch size " + std::to_string(speed.batch_size) + ": " + rounded_number(speed.samples_per_second) +
        " samples/s");
    keep();
  }
}

void TuneRun::find_rates() {
  if (!result_.rates.empty()) return;
  std::vector<int64_t> sizes;
  int64_t steps = kRangeSteps;
  const TuneSpeed* smallest = nullptr;
  for (const TuneSpeed& speed : result_.speeds) {
    if (speed.samples_per_second <= 0) continue;
    if (!smallest) smallest = &speed;
    const double step = static_cast<double>(speed.batch_size) / speed.samples_per_second;
    if (options_.seconds == 0 || step * static_cast<double>(kRangeSteps) < kRangeShare * options_.seconds)
      sizes.push_back(speed.batch_size);
  }
  if (!smallest)
    fail_run("tune",
             "the loss must be finite for the weights as they are, on the samples of a step. Got no batch size "
             "for which it is.");
  if (sizes.empty()) {  // there is no time for a whole test even at the smallest size
    const double step = static_cast<double>(smallest->batch_size) / smallest->samples_per_second;
    steps = static_cast<int64_t>(kRangeShare * options_.seconds / step);
    if (steps < kFewestRangeSteps)
      fail("tune", "the time must allow a test of learning rates and a race of batch sizes: at least ",
           rounded_number(std::ceil(static_cast<double>(kFewestRangeSteps + 1) * step / kRangeShare)),
           " s, for a step of ", smallest->batch_size, " samples takes ", rounded_number(step), " s. Got ",
           rounded_number(options_.seconds), " s.");
    sizes.push_back(smallest->batch_size);
  }
  const int64_t batch_size = range_test_batch(sizes);
  const RateRange range = rate_range(model_, parts_.train, batch_size, options_.fit, steps);
  result_.rate_batch_size = range.batch_size;
  result_.rates = range.points;
  result_.rate_chosen = range.chosen;
  result_.rate_highest = range.highest;
  result_.samples += range.samples;
  say("learning rates up to " + rounded_number(range.highest) + " at batch size " + std::to_string(range.batch_size));
  keep();
}

double TuneRun::samples_before_race() const {
  double timed = 0;
  for (const TuneSpeed& speed : result_.speeds)
    if (speed.fits) timed += static_cast<double>(kTimedUpdates * speed.batch_size);
  return std::max(timed, kSpeedShare * static_cast<double>(samples_bound())) +
         static_cast<double>(static_cast<int64_t>(result_.rates.size()) * result_.rate_batch_size);
}

// From where the winner stands: how much a sample is worth at other batch sizes.
void TuneRun::probe() {
  if (time_is_up() || !std::isfinite(find(winner_, last_round_, 0)->loss)) return;
  BranchProbeOptions probe;
  for (const TuneSpeed& speed : result_.speeds)
    if (speed.samples_per_second > 0 && speed.batch_size * 4 >= winner_.batch_size)
      probe.batch_sizes.push_back(speed.batch_size);
  if (probe.batch_sizes.size() < 3) return;
  double total = kProbeShare * static_cast<double>(result_.samples);
  if (samples_bound() > 0) {
    double left = static_cast<double>(samples_bound() - result_.samples);
    for (int64_t size : probe.batch_sizes) left -= static_cast<double>(size);  // legs end with whole batches
    total = std::min(total, std::max(left, 0.0));
  }
  if (options_.seconds > 0) total = std::min(total, (options_.seconds - seconds()) * winner_.samples_per_second);
  probe.samples = static_cast<int64_t>(total) / static_cast<int64_t>(probe.batch_sizes.size());
  while (probe.batch_sizes.size() > 3 && probe.batch_sizes.back() * 4 > probe.samples) probe.batch_sizes.pop_back();
  if (probe.batch_sizes.back() > probe.samples) return;
  probe.rate_batch_size = winner_.batch_size;
  probe.holdout = parts_.holdout;
  probe.fit = options_.fit;
  Model model = load(winner_, last_round_);
  model.optimizer_state().learning_rate = winner_.learning_rate;
  measure_->hold(model_bytes(model));  // copies of it are trained
  for (const TuneSpeed& speed : plan_sizes(model, parts_.train, probe.batch_sizes, options_.fit))
    if (!speed.fits) std::erase(probe.batch_sizes, speed.batch_size);
  if (probe.batch_sizes.size() < 3) return;
  const BranchProbeResult found = branch_probe(model, parts_.train, probe);
  for (const Branch& branch : found.branches) result_.samples += branch.samples;
  result_.critical_batch = found.critical_batch;
}

}  // namespace batchwise
