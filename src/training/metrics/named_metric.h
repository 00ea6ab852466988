// What most metrics share: a name, one result, weights of samples or of their positions.
#pragma once

#include <string>
#include <utility>

#include <batchwise/metric.h>

namespace batchwise {

enum class Better { Smaller, Larger };  // which of two values of a metric

class NamedMetric : public Metric {
 public:
  std::string name() const override { return name_; }
  virtual Better better() const = 0;

 protected:
  NamedMetric(const Config& config, const char* default_name) : name_(config.get("name", default_name)) {}
  Config base_config() const { return Config::object({{"name", name_}}); }

 private:
  std::string name_;
};

// One number, from a state of one size.
class NumberMetric : public NamedMetric {
 public:
  int64_t state_size(const Shape& /*prediction*/) const final { return state_size(); }
  void read(const double* state, const Shape& /*prediction*/, double* results) const final { *results = result(state); }
  virtual int64_t state_size() const = 0;
  virtual double result(const double* state) const = 0;

 protected:
  using NamedMetric::NamedMetric;
};

// The weight of part `part` of `parts` equal parts of a sample: a weight of the sample, or of the position it lies in.
inline double weight_at(const MetricCall& call, int64_t row, int64_t part, int64_t parts) {
  return call.weights ? call.weights[row * call.weights_per_row + part * call.weights_per_row / parts] : 1.0;
}

inline Spec metric_spec(const char* class_name, const char* default_name, const std::string& name,
                        std::initializer_list<Config::Entry> own = {}) {
  Config config = Config::object({{"name", name.empty() ? std::string(default_name) : name}});
  for (const auto& [key, value] : own) config.set(key, value);
  return Spec(class_name, std::move(config));
}

}  // namespace batchwise
