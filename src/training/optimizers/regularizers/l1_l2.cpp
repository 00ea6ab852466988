// L1, L2 and L1L2: the sum of absolute and of squared weights as penalties.
#include <cmath>

#include "base/known_keys.h"

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

double read_strength(const Config& config, const char* key, double otherwise, std::string_view where) {
  const double value = config.get(key, otherwise);
  require(std::isfinite(value), where, key, " must be finite. Got ", value, ".");
  return value;
}

class Penalty : public Regularizer {
 public:
  Penalty(double l1, double l2) : l1_(l1), l2_(l2) {}
  double value(const float* weights, int64_t count) const override {
    double sizes[4] = {}, squares[4] = {};  // four chains: one alone would wait for each addition
    for (int64_t i = 0; i < count; ++i) {
      const double w = weights[i];
      sizes[i & 3] += std::fabs(w);
      squares[i & 3] += w * w;
    }
    return l1_ * ((sizes[0] + sizes[1]) + (sizes[2] + sizes[3])) +
           l2_ * ((squares[0] + squares[1]) + (squares[2] + squares[3]));
  }
  void add_gradient(const float* weights, float* gradient, int64_t count, float scale) const override {
    const float l1 = static_cast<float>(l1_) * scale, l2 = static_cast<float>(2 * l2_) * scale;
    if (l1 == 0) {
      for (int64_t i = 0; i < count; ++i) gradient[i] += l2 * weights[i];
      return;
    }
    for (int64_t i = 0; i < count; ++i) {
      const float sign = weights[i] > 0 ? 1.0f : weights[i] < 0 ? -1.0f : 0.0f;
      gradient[i] += l1 * sign + l2 * weights[i];
    }
  }

 protected:
  double l1_, l2_;
};

class L1Penalty : public Penalty {
 public:
  explicit L1Penalty(const Config& config) : Penalty(read_strength(config, "l1", 0.01, "L1"), 0) {
    require_known_keys(config, "L1", {"l1"});
  }
  std::string_view class_name() const override { return "L1"; }
  Config config() const override { return Config::object({{"l1", l1_}}); }
};

class L2Penalty : public Penalty {
 public:
  explicit L2Penalty(const Config& config) : Penalty(0, read_strength(config, "l2", 0.01, "L2")) {
    require_known_keys(config, "L2", {"l2"});
  }
  std::string_view class_name() const override { return "L2"; }
  Config config() const override { return Config::object({{"l2", l2_}}); }
};

class L1L2Penalty : public Penalty {
 public:
  explicit L1L2Penalty(const Config& config)
      : Penalty(read_strength(config, "l1", 0.0, "L1L2"), read_strength(config, "l2", 0.0, "L1L2")) {
    require_known_keys(config, "L1L2", {"l1", "l2"});
  }
  std::string_view class_name() const override { return "L1L2"; }
  Config config() const override { return Config::object({{"l1", l1_}, {"l2", l2_}}); }
};

const Register<Regularizer, L1Penalty> registered_l1{"L1", {"l1"}};
const Register<Regularizer, L2Penalty> registered_l2{"L2", {"l2"}};
const Register<Regularizer, L1L2Penalty> registered_l1_l2{
    "L1L2", {"l1_l2"}, {Config::object({{"l1", 0.1}, {"l2", 0.2}})}};

}  // namespace

std::unique_ptr<Regularizer> make_regularizer(const Spec& spec) {
  return Registry<Regularizer>::instance().make(spec, "regularizer");
}

namespace regularizers {
Spec L1(float l1) { return {"L1", Config::object({{"l1", l1}})}; }
Spec L2(float l2) { return {"L2", Config::object({{"l2", l2}})}; }
Spec L1L2(float l1, float l2) { return {"L1L2", Config::object({{"l1", l1}, {"l2", l2}})}; }
}  // namespace regularizers

}  // namespace batchwise
