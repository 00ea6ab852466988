// ONNX model files, encoded field by field.
#include "formats/onnx/onnx_graph.h"

#include <bit>
#include <cstring>

#include <batchwise/error.h>

#include "base/atomic_file.h"
#include "formats/protobuf/wire_writer.h"

namespace batchwise {
namespace {

constexpr int kFloat = 1, kUint8 = 2, kInt64 = 7, kBool = 9;  // TensorProto.DataType
constexpr int64_t kIrVersion = 8, kOpset = 17;
constexpr size_t kMaxMessage = (size_t{1} << 31) - 1;

void put_integer(std::string& out, int field, int64_t value) {
  put_key(out, field, 0);
  put_varint(out, static_cast<uint64_t>(value));
}

void put_float(std::string& out, int field, float value) {
  put_key(out, field, 5);
  put_little_endian(out, std::bit_cast<uint32_t>(value), 4);
}

std::string value_info(const std::string& name, int type, const Shape& shape) {
  std::string dims;
  const auto add = [&](const std::string& dim) { put_bytes(dims, 1, dim); };
  const auto named = [](const std::string& word) {
    std::string dim;
    put_bytes(dim, 2, word);
    return dim;
  };
  add(named("batch"));
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] < 0) {
      add(named(name + "_" + std::to_string(axis + 1)));
      continue;
    }
    std::string dim;
    put_integer(dim, 1, shape[axis]);
    add(dim);
  }
  std::string tensor, tensor_type, info;
  put_integer(tensor, 1, type);
  put_bytes(tensor, 2, dims);
  put_bytes(tensor_type, 1, tensor);
  put_bytes(info, 1, name);
  put_bytes(info, 2, tensor_type);
  return info;
}

std::string attribute_text(const OnnxAttribute& attribute) {
  std::string out;
  put_bytes(out, 1, attribute.name);
  int type = 0;
  if (const auto* number = std::get_if<float>(&attribute.value)) {
    put_float(out, 2, *number);
    type = 1;
  } else if (const auto* whole = std::get_if<int64_t>(&attribute.value)) {
    put_integer(out, 3, *whole);
    type = 2;
  } else if (const auto* text = std::get_if<std::string>(&attribute.value)) {
    put_bytes(out, 4, *text);
    type = 3;
  } else if (const auto* numbers = std::get_if<std::vector<float>>(&attribute.value)) {
    for (const float value : *numbers) put_float(out, 7, value);
    type = 6;
  } else {
    for (const int64_t value : std::get<std::vector<int64_t>>(attribute.value)) put_integer(out, 8, value);
    type = 7;
  }
  put_integer(out, 20, type);
  return out;
}

std::string tensor_text(const std::string& name, int type, std::span<const int64_t> dims, const void* data,
                        size_t bytes) {
  std::string out;
  for (const int64_t dim : dims) put_integer(out, 1, dim);
  put_integer(out, 2, type);
  put_bytes(out, 8, name);
  put_bytes(out, 9, {static_cast<const char*>(data), bytes});
  return out;
}

}  // namespace

std::string OnnxGraph::fresh(const std::string& stem) { return stem + "_" + std::to_string(next_++); }

void OnnxGraph::input(const std::string& name, DType dtype, const Shape& shape) {
  const int type = dtype == DType::Float32 ? kFloat
                   : dtype == DType::UInt8 ? kUint8
                   : dtype == DType::Bool  ? kBool
                                           : kInt64;
  put_bytes(inputs_, 11, value_info(name, type, shape));
}

void OnnxGraph::output(const std::string& name, const Shape& shape) {
  put_bytes(outputs_, 12, value_info(name, kFloat, shape));
}

std::vector<std::string> OnnxGraph::nodes(const std::string& type, const std::vector<std::string>& inputs,
                                          const std::vector<OnnxAttribute>& attributes, int outputs) {
  std::string node;
  for (const std::string& input : inputs) put_bytes(node, 1, input);
  std::vector<std::string> made;
  for (int i = 0; i < outputs; ++i) {
    made.push_back(fresh(type));
    put_bytes(node, 2, made.back());
  }
  put_bytes(node, 3, made.front());
  put_bytes(node, 4, type);
  for (const OnnxAttribute& attribute : attributes) put_bytes(node, 5, attribute_text(attribute));
  put_bytes(nodes_, 1, node);
  return made;
}

void OnnxGraph::name_output(const std::string& value, const std::string& name) {
  std::string node;
  put_bytes(node, 1, value);
  put_bytes(node, 2, name);
  put_bytes(node, 3, name);
  put_bytes(node, 4, "Identity");
  put_bytes(nodes_, 1, node);
}

std::string OnnxGraph::floats(const std::string& stem, const Shape& shape, std::span<const float> values) {
  const std::string name = stem.empty() ? fresh("number") : fresh(stem);
  put_bytes(initializers_, 5,
            tensor_text(name, kFloat, {shape.begin(), static_cast<size_t>(shape.rank())}, values.data(),
                        values.size_bytes()));
  return name;
}

std::string OnnxGraph::int64_tensor(std::span<const int64_t> dims, std::span<const int64_t> values) {
  const std::string name = fresh("integers");
  put_bytes(initializers_, 5, tensor_text(name, kInt64, dims, values.data(), values.size_bytes()));
  return name;
}

std::string OnnxGraph::integers(const std::vector<int64_t>& values) {
  const int64_t count = static_cast<int64_t>(values.size());
  return int64_tensor({&count, 1}, values);
}

std::string OnnxGraph::integer(int64_t value) { return int64_tensor({}, {&value, 1}); }

void OnnxGraph::write(const std::string& path, const std::string& model_name) const {
  const size_t size = nodes_.size() + initializers_.size() + inputs_.size() + outputs_.size();
  require(size < kMaxMessage - (1 << 16), path, "an ONNX file may have at most 2 GiB. Got ", size, " bytes.");
  std::string name, opset, head, graph_key;
  put_bytes(name, 2, model_name);
  put_integer(opset, 2, kOpset);
  put_integer(head, 1, kIrVersion);
  put_bytes(head, 2, "batchwise");
  put_bytes(head, 8, opset);
  put_key(graph_key, 7, 2);
  put_varint(graph_key, size + name.size());
  AtomicFile file(path);
  for (const std::string_view part :
       {std::string_view(head), std::string_view(graph_key), std::string_view(nodes_), std::string_view(name),
        std::string_view(initializers_), std::string_view(inputs_), std::string_view(outputs_)})
    file.write(part);
  file.commit();
}

}  // namespace batchwise
