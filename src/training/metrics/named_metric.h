// A metric's name, and the Spec of a metric.
#pragma once

#include <string>
#include <utility>

#include <batchwise/metric.h>

namespace batchwise {

class NamedMetric : public Metric {
 public:
  std::string name() const override { return name_; }

 protected:
  NamedMetric(const Config& config, const char* default_name) : name_(config.get("name", default_name)) {}
  Config base_config() const { return Config::object({{"name", name_}}); }

 private:
  std::string name_;
};

inline Spec metric_spec(const char* class_name, const char* default_name, const std::string& name,
                        std::initializer_list<Config::Entry> own = {}) {
  Config config = Config::object({{"name", name.empty() ? std::string(default_name) : name}});
  for (const auto& [key, value] : own) config.set(key, value);
  return Spec(class_name, std::move(config));
}

}  // namespace batchwise
