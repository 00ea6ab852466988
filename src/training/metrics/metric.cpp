// How a metric is made from a Spec: by class, by alias, or by the shapes for "accuracy" and "crossentropy".
#include <batchwise/metric.h>

namespace batchwise {
namespace {

enum class Kind { Binary, Sparse, Categorical };

// Keras's rule, on the shapes of one sample.
Kind kind_of(const Shape& target, const Shape& prediction) {
  if (prediction.rank() == 0 || prediction.back() == 1) return Kind::Binary;
  if (target.rank() < prediction.rank() || target.back() == 1) return Kind::Sparse;
  return Kind::Categorical;
}

std::string class_for(const std::string& word, const Shape& target, const Shape& prediction) {
  const bool accuracy = word == "accuracy" || word == "acc" || word == "Accuracy";
  const bool entropy = word == "crossentropy" || word == "ce";
  if (!accuracy && !entropy) return "";
  const std::string ending = accuracy ? "Accuracy" : "Crossentropy";
  switch (kind_of(target, prediction)) {
    case Kind::Binary: return "Binary" + ending;
    case Kind::Sparse: return "SparseCategorical" + ending;
    case Kind::Categorical: return "Categorical" + ending;
  }
  return "";
}

}  // namespace

std::unique_ptr<Metric> make_metric(const Spec& spec, const Shape& target, const Shape& prediction) {
  const auto& registry = Registry<Metric>::instance();
  Spec full = spec;
  // A bare word is the metric's name as well, be it a class or an alias; with arguments "Accuracy" is the class.
  const bool bare = spec.config.as_object("metric").empty();
  const std::string fitting = bare ? class_for(spec.class_name, target, prediction) : "";
  if (!fitting.empty()) full.class_name = fitting;
  const bool is_word = bare || registry.canonical(spec.class_name) != spec.class_name;
  if (is_word && !full.config.find("name")) full.config.set("name", spec.class_name);
  std::unique_ptr<Metric> metric = registry.make(full, "metric");
  metric->check(target, prediction);
  return metric;
}

}  // namespace batchwise
