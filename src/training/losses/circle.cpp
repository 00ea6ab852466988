// Circle loss: every sample of a batch against all others, those of its label and those of other labels.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/known_keys.h"
#include "training/losses/builder.h"

#include <batchwise/loss.h>
#include <batchwise/losses.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "Circle";
constexpr double kNone = -std::numeric_limits<double>::infinity();

// A running log of a sum of exponentials.
struct LogSum {
  double top = kNone, sum = 0;
  void add(double x) {
    if (x > top) {
      sum = sum * std::exp(top - x) + 1;
      top = x;
    } else {
      sum += std::exp(x - top);
    }
  }
  double value() const { return sum == 0 ? kNone : top + std::log(sum); }
};

double softplus(double x) { return x == kNone ? 0 : std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x))); }

// Statistics of a sample: label, weight, the logs of both its sums (combine writes them), then its embedding.
enum Place { kLabel, kWeight, kSame, kOther, kEmbedding };
using Samples = std::span<const double>;

// Only losses above 0 count towards a mean: Keras masks the others.
class CircleLoss : public Loss {
 public:
  explicit CircleLoss(const Config& config)
      : Loss(config),
        gamma_(config.get("gamma", 80.0)),
        margin_(config.get("margin", 0.4)),
        without_itself_(config.get("remove_diagonal", true)) {
    require_known_keys(config, kClass, {"name", "reduction", "gamma", "margin", "remove_diagonal"});
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config("circle");
    config.set("gamma", gamma_);
    config.set("margin", margin_);
    config.set("remove_diagonal", without_itself_);
    return config;
  }
  Shape value_shape(const Shape& target, const Shape& prediction) const override {
    require(target.count() == 1 && prediction.rank() == 1, kClass,
            "targets must be one label, predictions one embedding of shape (features) per sample. Got ", target,
            " and ", prediction, ".");
    return {};
  }
  int64_t statistics(const Shape&, const Shape& prediction, int64_t grain) const override {
    return grain * (kEmbedding + prediction.count());
  }

  void measure(const LossCall& call) const override {
    const int64_t features = call.prediction_shape.count();
    for (int64_t row = 0; row < call.rows; ++row) {
      double* out = call.statistics + row * (kEmbedding + features);
      out[kLabel] = std::trunc(static_cast<double>(call.targets[row]));
      out[kWeight] = call.weights ? call.weights[row] : 1.0;
      std::copy_n(call.predictions + row * features, features, out + kEmbedding);
    }
  }

  double combine(std::span<double> statistics, std::span<const int64_t> rows, const Shape& prediction) const override {
    const int64_t features = prediction.count();
    double counted = 0;
    for_each(statistics, rows, features, [&](const double* sample) {
      LogSum same, other;
      for_each(statistics, rows, features, [&](const double* with) {
        const Pair pair = pair_of(sample, with, features);
        if (pair.kind == Kind::Same) same.add(pair.value);
        if (pair.kind == Kind::Other) other.add(pair.value);
      });
      double* own = statistics.data() + (sample - statistics.data());
      own[kSame] = same.value();
      own[kOther] = other.value();
      counted += softplus(own[kSame] + own[kOther]) > 0;
    });
    return counted;
  }

  void compute(const LossCall& call) const override {
    const int64_t features = call.prediction_shape.count();
    const size_t each = call.batch.size() / call.rows_of.size();
    for (int64_t row = 0; row < call.rows; ++row) {
      const double* own = call.batch.data() + static_cast<size_t>(call.grain) * each +
                          static_cast<size_t>(row * (kEmbedding + features));
      call.values[row] = static_cast<float>(softplus(own[kSame] + own[kOther]));
      if (!call.gradient) continue;
      float* gradient = call.gradient + row * features;
      std::fill_n(gradient, features, 0.0f);
      for_each(call.batch, call.rows_of, features, [&](const double* with) {
        // The product of both stands in the loss of this sample and in that of the other.
        const double by = own[kWeight] * slope(own, with, features) + with[kWeight] * slope(with, own, features);
        if (by == 0) return;
        const float scale = static_cast<float>(by * call.factor_per_weight);
        for (int64_t f = 0; f < features; ++f) gradient[f] += scale * static_cast<float>(with[kEmbedding + f]);
      });
    }
  }

 private:
  enum class Kind { Itself, Same, Other };
  struct Pair {
    Kind kind;
    double value, slope;  // what goes into the sum, and its derivative by the product of both embeddings
  };

  template <class Work>
  static void for_each(Samples samples, std::span<const int64_t> rows, int64_t features, const Work& work) {
    const size_t each = samples.size() / rows.size();
    for (size_t g = 0; g < rows.size(); ++g)
      for (int64_t r = 0; r < rows[g]; ++r)
        work(samples.data() + g * each + static_cast<size_t>(r * (kEmbedding + features)));
  }

  Pair pair_of(const double* sample, const double* with, int64_t features) const {
    const bool same = sample[kLabel] == with[kLabel];
    if (sample == with && without_itself_) return {Kind::Itself, 0, 0};
    double product = 0;
    for (int64_t f = 0; f < features; ++f) product += sample[kEmbedding + f] * with[kEmbedding + f];
    const double apart = std::fmax(1 - product, 0), moves = product <= 1 ? -1 : 0;  // the distance by the product
    if (same) {
      const double weight = std::fmax(margin_ + apart, 0), gap = margin_ - apart;
      return {Kind::Same, -gamma_ * weight * gap, -gamma_ * (gap * (margin_ + apart >= 0) - weight) * moves};
    }
    const double weight = std::fmax(1 + margin_ - apart, 0), gap = 1 - margin_ - apart;
    return {Kind::Other, gamma_ * weight * gap, -gamma_ * (gap * (1 + margin_ - apart >= 0) + weight) * moves};
  }

  // d loss of `sample` / d its product with `with`
  double slope(const double* sample, const double* with, int64_t features) const {
    const double all = sample[kSame] + sample[kOther];
    const Pair pair = pair_of(sample, with, features);
    if (all == kNone || pair.kind == Kind::Itself) return 0;
    const double share = std::exp(pair.value - (pair.kind == Kind::Same ? sample[kSame] : sample[kOther]));
    return share * pair.slope / (1 + std::exp(-all));
  }

  double gamma_, margin_;
  bool without_itself_;
};

const Register<Loss, CircleLoss> registered{
    kClass, {"circle"}, {Config(Config::Object{}), Config::object({{"gamma", 10}, {"remove_diagonal", false}})}};

}  // namespace

Spec Circle(const CircleOptions& options) {
  return loss_spec(
      kClass, options,
      {{"gamma", options.gamma}, {"margin", options.margin}, {"remove_diagonal", options.remove_diagonal}});
}

}  // namespace batchwise
