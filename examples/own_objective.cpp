// A loss, a metric and an optimizer of one's own, in the program that uses them.
#include <batchwise/batchwise.h>

#include <cmath>
#include <filesystem>
#include <iostream>

namespace bw = batchwise;

namespace {

// What lies above a target costs 1 - quantile times the distance, what lies below costs quantile times it.
class QuantileLoss : public bw::Loss {
 public:
  explicit QuantileLoss(const bw::Config& config)
      : Loss(config), quantile_(static_cast<float>(config.get("quantile", 0.5))) {
    bw::require(quantile_ > 0 && quantile_ < 1, "QuantileLoss", "quantile must lie in (0, 1). Got ", quantile_, ".");
  }
  std::string_view class_name() const override { return "QuantileLoss"; }
  bw::Config config() const override {
    bw::Config config = base_config("quantile_loss");
    config.set("quantile", quantile_);
    return config;
  }
  // One value for each line of the last axis.
  bw::Shape value_shape(const bw::Shape& target, const bw::Shape& prediction) const override {
    bw::require(target == prediction && target.rank() >= 1, "QuantileLoss",
                "targets must have the shape of predictions, ", prediction, ". Got ", target, ".");
    return bw::Shape(std::span<const int64_t>(prediction.begin(), prediction.end() - 1));
  }
  void compute(const bw::LossCall& call) const override {
    const int64_t size = call.prediction_shape.back(), lines = call.rows * call.prediction_shape.count() / size;
    for (int64_t line = 0; line < lines; ++line) {
      double sum = 0;
      for (int64_t i = line * size; i < (line + 1) * size; ++i) {
        const float gap = call.targets[i] - call.predictions[i], slope = gap > 0 ? -quantile_ : 1 - quantile_;
        sum -= slope * gap;
        if (call.gradient) call.gradient[i] = call.factors[line] * slope / static_cast<float>(size);
      }
      call.values[line] = static_cast<float>(sum / static_cast<double>(size));
    }
  }

 private:
  float quantile_;
};
const bw::Register<bw::Loss, QuantileLoss> registered_loss{"QuantileLoss", {"quantile_loss"}};

// The share of targets that are not above their prediction.
class Coverage : public bw::Metric {
 public:
  explicit Coverage(const bw::Config& config) : name_(config.get("name", "coverage")) {}
  std::string_view class_name() const override { return "Coverage"; }
  std::string name() const override { return name_; }
  bw::Config config() const override { return bw::Config::object({{"name", name_}}); }
  void check(const bw::Shape& target, const bw::Shape& prediction) const override {
    bw::require(target == prediction, "Coverage", "targets must have the shape of predictions, ", prediction, ". Got ",
                target, ".");
  }
  int64_t state_size(const bw::Shape& /*prediction*/) const override { return 2; }
  void update(const bw::MetricCall& call) const override {
    const int64_t each = call.prediction_shape.count();
    for (int64_t i = 0; i < call.rows * each; ++i) {
      const int64_t row = i / each, part = i % each * call.weights_per_row / each;
      const double weight = call.weights ? call.weights[row * call.weights_per_row + part] : 1.0;
      if (call.targets[i] <= call.predictions[i]) call.state[0] += weight;
      call.state[1] += weight;
    }
  }
  void read(const double* state, const bw::Shape& /*prediction*/, double* results) const override {
    *results = state[1] > 0 ? state[0] / state[1] : 0;
  }

 private:
  std::string name_;
};
const bw::Register<bw::Metric, Coverage> registered_metric{"Coverage", {"coverage"}};

// Steps of one length, in the direction of a running mean of gradients.
class SignMomentum : public bw::Optimizer {
 public:
  explicit SignMomentum(const bw::Config& config)
      : Optimizer(config, {.learning_rate = 0.001}, "SignMomentum"), momentum_(config.get("momentum", 0.9)) {}
  std::string_view class_name() const override { return "SignMomentum"; }
  bw::Config config() const override {
    bw::Config config = base_config();
    config.set("momentum", momentum_);
    return config;
  }
  std::vector<bw::SlotSpec> slots(const bw::LearnedVariable&) const override { return {{"momentum"}}; }
  bw::BatchSizeRule batch_size_rule() const override { return {"square_root", "whose steps have one length"}; }
  void begin(bw::UpdateScalars&) const override {}
  void update(const bw::UpdateScalars& scalars, const bw::UpdateCall& call) const override {
    const float rate = static_cast<float>(scalars.learning_rate), keep = static_cast<float>(momentum_);
    float* mean = call.slots[0];
    for (int64_t i = 0; i < call.count; ++i) {
      mean[i] = keep * mean[i] + (1 - keep) * call.gradients[i];
      if (mean[i] != 0) call.weights[i] -= std::copysign(rate, mean[i]);
    }
  }

 private:
  double momentum_;
};
const bw::Register<bw::Optimizer, SignMomentum> registered_optimizer{"SignMomentum"};

}  // namespace

int main() {
  constexpr int64_t kSamples = 2000;
  bw::Array x(bw::DType::Float32, {kSamples, 1});
  bw::Array y(bw::DType::Float32, {kSamples, 1});
  for (int64_t n = 0; n < kSamples; ++n) {
    x.data<float>()[n] = static_cast<float>(n % 53) / 53;
    y.data<float>()[n] = x.data<float>()[n] * (1 + static_cast<float>(n * 7 % 101) / 101);
  }
  bw::Model model = bw::Sequential({bw::Input({1}), bw::Dense({.units = 1})});
  model.compile({.optimizer = {"SignMomentum", bw::Config::object({{"learning_rate", 0.001}})},
                 .loss = {"QuantileLoss", bw::Config::object({{"quantile", 0.9}})},
                 .metrics = {"coverage"}});
  bw::History history = model.fit(x, y, {.batch_size = 256, .epochs = 400, .verbose = 0});

  const std::string path = (std::filesystem::temp_directory_path() / "batchwise_quantile.keras").string();
  model.save(path);
  bw::Model loaded = bw::Model::load(path);  // in a program that has registered the three
  const double coverage = *bw::find_log(loaded.evaluate(x, y), "coverage");
  std::cout << "coverage " << history["coverage"].back() << " at the end of training, " << coverage << " of the file\n";
  return std::abs(coverage - 0.9) < 0.03 ? 0 : 1;
}
