// tf.train.Example: named features, each a list of strings, floats or integers.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace batchwise {

enum class FeatureKind { Empty, Bytes, Floats, Integers };
std::string_view name_of(FeatureKind kind);  // TensorFlow's: "bytes_list", "float_list", "int64_list"

// One feature, read where it lies in its record. The readers throw Error(Input) unless the feature is of their kind and
// holds exactly as many values as they are asked for. Nothing allocates.
class Feature {
 public:
  Feature() = default;
  Feature(std::string_view name, std::string_view message, std::string_view where);

  std::string_view name() const { return name_; }
  FeatureKind kind() const { return kind_; }
  int64_t count() const;
  std::string_view bytes(int64_t i) const;
  void floats(std::span<float> out) const;
  void integers(std::span<int64_t> out) const;

 private:
  void expect(FeatureKind kind, int64_t count) const;

  std::string_view name_, list_, where_;
  FeatureKind kind_ = FeatureKind::Empty;
};

// The features of a record. Views: the record must outlive them. Throws Error(Input) when it is no Example.
void each_feature(std::string_view example, std::string_view where, const std::function<void(const Feature&)>& see);
// The last of that name, as protocol buffers have it; false when there is none.
bool find_feature(std::string_view example, std::string_view name, std::string_view where, Feature* feature);

using FeatureValues = std::variant<std::vector<std::string>, std::vector<float>, std::vector<int64_t>>;
std::string example_bytes(const std::vector<std::pair<std::string, FeatureValues>>& features);

}  // namespace batchwise
