// How a metric is made from a Spec: by class, by alias, or by the shapes for "accuracy" and "crossentropy".
#include <batchwise/metric.h>

#include "training/metrics/metric_words.h"

namespace batchwise {
namespace {

enum class Kind { Binary, Sparse, Categorical };

// Keras's rule, on the shapes of one sample.
Kind kind_of(const Shape& target, const Shape& prediction) {
  if (prediction.rank() == 0 || prediction.back() == 1) return Kind::Binary;
  if (target.rank() < prediction.rank() || target.back() == 1) return Kind::Sparse;
  return Kind::Categorical;
}

bool is_accuracy(const std::string& word) { return word == "accuracy" || word == "acc" || word == "Accuracy"; }
bool is_entropy(const std::string& word) { return word == "crossentropy" || word == "ce"; }
bool is_bare(const Spec& spec) { return spec.config.as_object("metric").empty(); }

// REQUIRES goes_by_shapes of the word alone.
std::string class_for(const std::string& word, const Shape& target, const Shape& prediction) {
  const std::string ending = is_accuracy(word) ? "Accuracy" : "Crossentropy";
  switch (kind_of(target, prediction)) {
    case Kind::Binary: return "Binary" + ending;
    case Kind::Sparse: return "SparseCategorical" + ending;
    case Kind::Categorical: return "Categorical" + ending;
  }
  return "";
}

}  // namespace

bool goes_by_shapes(const Spec& metric) {
  return is_bare(metric) && (is_accuracy(metric.class_name) || is_entropy(metric.class_name));
}

std::unique_ptr<Metric> make_metric(const Spec& spec, const Shape& target, const Shape& prediction) {
  const auto& registry = Registry<Metric>::instance();
  Spec full = spec;
  // A bare word is the metric's name as well, be it a class or an alias; with arguments "Accuracy" is the class.
  if (goes_by_shapes(spec)) full.class_name = class_for(spec.class_name, target, prediction);
  const bool is_word = is_bare(spec) || registry.canonical(spec.class_name) != spec.class_name;
  if (is_word && !full.config.find("name")) full.config.set("name", spec.class_name);
  std::unique_ptr<Metric> metric = registry.make(full, "metric");
  metric->check(target, prediction);
  return metric;
}

}  // namespace batchwise
