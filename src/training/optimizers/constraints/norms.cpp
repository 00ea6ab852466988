// Constraints on norms of a weight over some of its axes: MaxNorm, UnitNorm, MinMaxNorm.
#include "training/optimizers/constraints/norms.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/known_keys.h"

#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

constexpr float kEpsilon = 1e-7f;
constexpr int64_t kColumns = 64;  // norms that are made side by side

double read_bound(const Config& config, const char* key, double otherwise, const char* where) {
  const double value = config.get(key, otherwise);
  require(std::isfinite(value) && value >= 0, where, key, " must be a number of 0 or more. Got ", value, ".");
  return value;
}

class MaxNormConstraint : public NormConstraint {
 public:
  explicit MaxNormConstraint(const Config& config)
      : NormConstraint(config, "MaxNorm"), most_(read_bound(config, "max_value", 2, "MaxNorm")) {
    require_known_keys(config, "MaxNorm", {"max_value", "axis"});
  }
  std::string_view class_name() const override { return "MaxNorm"; }
  Config config() const override { return Config::object({{"max_value", most_}, {"axis", axis_config()}}); }

 private:
  float scale(float norm) const override { return std::min(norm, static_cast<float>(most_)) / (kEpsilon + norm); }
  double most_;
};

class UnitNormConstraint : public NormConstraint {
 public:
  explicit UnitNormConstraint(const Config& config) : NormConstraint(config, "UnitNorm") {
    require_known_keys(config, "UnitNorm", {"axis"});
  }
  std::string_view class_name() const override { return "UnitNorm"; }
  Config config() const override { return Config::object({{"axis", axis_config()}}); }

 private:
  float scale(float norm) const override { return 1 / (kEpsilon + norm); }
};

class MinMaxNormConstraint : public NormConstraint {
 public:
  explicit MinMaxNormConstraint(const Config& config)
      : NormConstraint(config, "MinMaxNorm"),
        least_(read_bound(config, "min_value", 0, "MinMaxNorm")),
        most_(read_bound(config, "max_value", 1, "MinMaxNorm")),
        rate_(read_bound(config, "rate", 1, "MinMaxNorm")) {
    require_known_keys(config, "MinMaxNorm", {"min_value", "max_value", "rate", "axis"});
    require(least_ <= most_, "MinMaxNorm", "min_value must not exceed max_value. Got ", least_, " and ", most_, ".");
  }
  std::string_view class_name() const override { return "MinMaxNorm"; }
  Config config() const override {
    return Config::object({{"min_value", least_}, {"max_value", most_}, {"rate", rate_}, {"axis", axis_config()}});
  }

 private:
  float scale(float norm) const override {
    const float rate = static_cast<float>(rate_);
    const float inside = std::clamp(norm, static_cast<float>(least_), static_cast<float>(most_));
    return (rate * inside + (1 - rate) * norm) / (kEpsilon + norm);
  }
  double least_, most_, rate_;
};

const Register<Constraint, MaxNormConstraint> registered_max{
    "MaxNorm", {"max_norm", "maxnorm"}, {Config(Config::Object{}), Config::object({{"max_value", 0.5}, {"axis", 1}})}};
const Register<Constraint, UnitNormConstraint> registered_unit{
    "UnitNorm", {"unit_norm", "unitnorm"}, {Config(Config::Object{}), Config::object({{"axis", Config::List{0, 1}}})}};
const Register<Constraint, MinMaxNormConstraint> registered_min_max{
    "MinMaxNorm",
    {"min_max_norm", "minmaxnorm"},
    {Config(Config::Object{}), Config::object({{"min_value", 0.5}, {"rate", 0.3}, {"axis", -1}})}};

}  // namespace

NormConstraint::NormConstraint(const Config& config, const char* where) : where_(where) {
  const Config* axis = config.find("axis");
  is_list_ = axis && axis->is_list();
  if (is_list_)
    for (const Config& item : axis->as_list(where)) axes_.push_back(item.as_int(where));
  else axes_.push_back(config.get("axis", 0));
  require(!axes_.empty(), where, "axis must name at least one axis. Got [].");
}

Config NormConstraint::axis_config() const { return is_list_ ? Config(axes_) : Config(axes_.front()); }

NormConstraint::View NormConstraint::view(const Shape& variable) const {
  std::array<bool, Shape::kMaxRank> over{};
  View view;
  int64_t first = variable.rank(), last = -1;
  for (int64_t axis : axes_) {
    const int64_t place = axis < 0 ? variable.rank() + axis : axis;
    if (place < 0 || place >= variable.rank())
      fail(where_, "axis must name axes of the weight. Got ", axis, " for a weight of shape ", variable, ".");
    over[static_cast<size_t>(place)] = true;
    first = std::min(first, place);
    last = std::max(last, place);
  }
  if (last - first + 1 != std::count(over.begin(), over.end(), true) ||
      static_cast<int64_t>(axes_.size()) != last - first + 1)
    fail(where_, "axes must be different and lie next to each other. Got ", Config(axes_).text(), ".");
  for (int i = 0; i < variable.rank(); ++i)
    (i < first ? view.outer : i <= last ? view.size : view.inner) *= variable[i];
  return view;
}

void NormConstraint::apply(const Shape& variable, float* weights) const {
  const View all = view(variable);
  double squares[kColumns];
  float scales[kColumns];
  for (int64_t o = 0; o < all.outer; ++o)
    for (int64_t first = 0; first < all.inner; first += kColumns) {
      const int64_t columns = std::min(kColumns, all.inner - first);
      float* from = weights + o * all.size * all.inner + first;
      std::fill_n(squares, columns, 0.0);
      for (int64_t s = 0; s < all.size; ++s)
        for (int64_t i = 0; i < columns; ++i) {
          const double w = from[s * all.inner + i];
          squares[i] += w * w;
        }
      for (int64_t i = 0; i < columns; ++i) scales[i] = scale(static_cast<float>(std::sqrt(squares[i])));
      for (int64_t s = 0; s < all.size; ++s)
        for (int64_t i = 0; i < columns; ++i) from[s * all.inner + i] *= scales[i];
    }
}

namespace constraints {
namespace {
Config axis_of(const std::vector<int64_t>& axis) { return axis.size() == 1 ? Config(axis.front()) : Config(axis); }
}  // namespace
Spec MaxNorm(float max_value, const std::vector<int64_t>& axis) {
  return Spec("MaxNorm", Config::object({{"max_value", max_value}, {"axis", axis_of(axis)}}));
}
Spec UnitNorm(const std::vector<int64_t>& axis) { return Spec("UnitNorm", Config::object({{"axis", axis_of(axis)}})); }
Spec MinMaxNorm(const MinMaxNormOptions& options) {
  return Spec("MinMaxNorm", Config::object({{"min_value", options.min_value},
                                            {"max_value", options.max_value},
                                            {"rate", options.rate},
                                            {"axis", axis_of(options.axis)}}));
}
}  // namespace constraints

}  // namespace batchwise
