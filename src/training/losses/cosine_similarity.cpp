// Cosine similarity as a loss: minus the cosine of the angle between target and prediction.
#include <cmath>

#include "base/known_keys.h"
#include "training/losses/builder.h"
#include "training/losses/pairing.h"

#include <batchwise/loss.h>
#include <batchwise/losses.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "CosineSimilarity";
constexpr double kLeastLength = 1e-12;  // shorter vectors are divided by this

// The products of two vectors with themselves and each other.
struct Products {
  double tt = 0, pp = 0, tp = 0;
  void add(double t, double p) {
    tt += t * t;
    pp += p * p;
    tp += t * p;
  }
};

// The cosine, and the gradient by p: a * p + b * t.
struct Angle {
  double cosine, a, b;
  explicit Angle(const Products& sums) {
    const double lt = std::sqrt(sums.tt), lp = std::sqrt(sums.pp), nt = lt < kLeastLength ? kLeastLength : lt,
                 np = lp < kLeastLength ? kLeastLength : lp;
    cosine = sums.tp / (nt * np);
    a = lp < kLeastLength ? 0 : -cosine / sums.pp;  // the length does not change below the least one
    b = 1 / (nt * np);
  }
};

class CosineSimilarityLoss : public Loss {
 public:
  explicit CosineSimilarityLoss(const Config& config) : Loss(config), axis_(config.get("axis", -1)) {
    require_known_keys(config, kClass, {"name", "reduction", "axis"});
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config("cosine_similarity");
    config.set("axis", axis_);
    return config;
  }
  Shape value_shape(const Shape& target, const Shape& prediction) const override {
    const Shape shape = paired_shape(target, prediction, kClass);
    return axis_ == 0 ? shape : without_axis(shape, axis_, kClass);
  }
  bool spans_batch(const Shape&, const Shape&) const override { return axis_ == 0; }
  int64_t statistics(const Shape&, const Shape& prediction, int64_t) const override {
    return axis_ == 0 ? 3 * prediction.count() : 0;
  }
  void measure(const LossCall& call) const override {
    const int64_t size = call.prediction_shape.count();
    for (int64_t e = 0; e < size; ++e) {
      Products sums;
      for (int64_t at = e; at < call.rows * size; at += size) sums.add(call.targets[at], call.predictions[at]);
      double* out = call.statistics + 3 * e;
      out[0] = sums.tt;
      out[1] = sums.pp;
      out[2] = sums.tp;
    }
  }
  double combine(std::span<double> statistics, std::span<const int64_t> rows, const Shape& prediction) const override {
    const size_t each = statistics.size() / rows.size();
    for (size_t at = each; at < statistics.size(); ++at) statistics[at % each] += statistics[at];
    return static_cast<double>(prediction.count());
  }

  void compute(const LossCall& call) const override {
    if (axis_ == 0) {
      over_batch(call);
      return;
    }
    const AxisView view = axis_view(paired_shape(call.target_shape, call.prediction_shape, kClass), axis_, kClass);
    for (int64_t o = 0; o < call.rows * view.outer; ++o)
      for (int64_t i = 0; i < view.inner; ++i) {
        const int64_t base = o * view.size * view.inner + i, v = o * view.inner + i;
        const float *t = call.targets + base, *p = call.predictions + base;
        Products sums;
        for (int64_t s = 0; s < view.size * view.inner; s += view.inner) sums.add(t[s], p[s]);
        const Angle angle(sums);
        call.values[v] = static_cast<float>(-angle.cosine);
        if (!call.gradient) continue;
        for (int64_t s = 0; s < view.size * view.inner; s += view.inner)
          call.gradient[base + s] = -call.factors[v] * static_cast<float>(p[s] * angle.a + t[s] * angle.b);
      }
  }

 private:
  static void over_batch(const LossCall& call) {
    const int64_t size = call.prediction_shape.count();
    for (int64_t e = 0; e < size; ++e) {
      const double* sums = call.batch.data() + 3 * e;
      const Angle angle(Products{sums[0], sums[1], sums[2]});
      call.values[e] = static_cast<float>(-angle.cosine);
      if (!call.gradient) continue;
      for (int64_t at = e; at < call.rows * size; at += size)
        call.gradient[at] =
            -call.factors[e] * static_cast<float>(call.predictions[at] * angle.a + call.targets[at] * angle.b);
    }
  }

  int64_t axis_;
};

const Register<Loss, CosineSimilarityLoss> registered{
    kClass, {"cosine_similarity"}, {Config(Config::Object{}), Config::object({{"axis", 0}})}};

}  // namespace

Spec CosineSimilarity(const CosineSimilarityOptions& options) {
  return loss_spec(kClass, options, {{"axis", options.axis}});
}

}  // namespace batchwise
