// A graph of ONNX operators, built node by node and written as a model file.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <batchwise/dtype.h>
#include <batchwise/shape.h>

namespace batchwise {

using OnnxValue = std::variant<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>>;
struct OnnxAttribute {
  std::string name;
  OnnxValue value;
};

// Tensors are named by strings; nodes must come after what they use.
class OnnxGraph {
 public:
  // Shapes are of one sample: the batch is a named size, and so is every -1. Bytes and bool keep their types; integers
  // are int64.
  void input(const std::string& name, DType dtype, const Shape& shape);
  void output(const std::string& name, const Shape& shape);

  std::vector<std::string> nodes(const std::string& type, const std::vector<std::string>& inputs,
                                 const std::vector<OnnxAttribute>& attributes, int outputs);
  std::string node(const std::string& type, const std::vector<std::string>& inputs,
                   const std::vector<OnnxAttribute>& attributes = {}) {
    return nodes(type, inputs, attributes, 1).front();
  }
  void name_output(const std::string& value, const std::string& name);  // an Identity of that name

  std::string floats(const std::string& name, const Shape& shape, std::span<const float> values);
  std::string number(float value) { return floats("", {}, {&value, 1}); }
  std::string integers(const std::vector<int64_t>& values);
  std::string integer(int64_t value);

  void write(const std::string& path, const std::string& model_name) const;  // atomically

 private:
  std::string fresh(const std::string& stem);
  std::string int64_tensor(std::span<const int64_t> dims, std::span<const int64_t> values);
  std::string nodes_, initializers_, inputs_, outputs_;  // encoded fields of the GraphProto
  int64_t next_ = 0;
};

}  // namespace batchwise
