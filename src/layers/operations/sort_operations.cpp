// Operations that put elements in order: sort, argsort, top_k.
#include "kernels/sorting.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class SortOperation final : public Operation {
 public:
  SortOperation(const std::string& key, const Config& config) : Operation(key, config, {"axis", "k", "sorted"}) {
    const std::string word = last_word(key);
    values_ = word != "Argsort";
    places_ = word != "Sort";
    largest_ = word == "TopK";
    if (largest_) k_ = config.at("k").as_int(key);
    require(!largest_ || k_ > 0, key, "k must be positive. Got ", k_, ".");
    const Config* axis = config.find("axis");
    require(!axis || axis->is_int(), key, "axis must be one axis of a sample. Got ", axis ? axis->text() : "", ".");
    axis_ = config.get("axis", -1);
  }
  std::vector<DType> output_dtypes(DType, size_t) const override {
    if (values_ && places_) return {DType::Float32, DType::Int32};
    return {values_ ? DType::Float32 : DType::Int32};
  }
  DType output_dtype(DType) const override { return values_ ? DType::Float32 : DType::Int32; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    Shape shape = one(inputs, form);
    const int axis = sample_axis(key(), axis_, shape.rank());
    require(k_ <= shape[axis], key(), "k must be at most the size of the axis, ", shape[axis], ". Got ", k_, ".");
    if (largest_) shape[axis] = k_;
    return Shapes(values_ && places_ ? 2 : 1, shape);
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(input);
    require(type.dtype == DType::Float32, key(), "the tensor must be float32: cast it. Got ", type.dtype, ".");
    const int axis = sample_axis(key(), axis_, type.shape.rank());
    const std::vector<Value> sorted = lowering.add(
        make_sort_kernel({type, axis, largest_ ? k_ : type.shape[axis], largest_, lowering.grain()}), {input});
    if (values_ && places_) return sorted;
    return {sorted[values_ ? 0 : 1]};
  }

 private:
  bool values_ = true, places_ = true, largest_ = false;
  int64_t axis_ = -1, k_ = 0;
};

const bool registered =
    register_operations<SortOperation>({"ops.numpy.Sort", "ops.numpy.Argsort"},
                                       {Config::object({{"axis", -1}}), Config::object({{"axis", 1}})}) &&
    register_operations<SortOperation>({"ops.math.TopK"}, {Config::object({{"k", 2}, {"sorted", true}})});

}  // namespace
}  // namespace batchwise
