// HashedCrossing: features of text or whole numbers, crossed into bins by their hash.
#include "kernels/hashed_crossing.h"

#include "kernels/category_encoding.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "HashedCrossing";

class HashedCrossingLayer final : public Layer {
 public:
  explicit HashedCrossingLayer(const Config& config) : mode_(config.get("output_mode", "int")) {
    require_known_keys(kWhere, config, {"num_bins", "output_mode", "sparse"});
    bins_ = config.at("num_bins").as_int("HashedCrossing.num_bins");
    require(bins_ >= 1 && bins_ < (int64_t{1} << 31), kWhere, "num_bins must be positive. Got ", bins_, ".");
    require(mode_ == "int" || mode_ == "one_hot", kWhere, "output_mode must be \"int\" or \"one_hot\". Got \"", mode_,
            "\".");
    require(!config.get("sparse", false), kWhere, "sparse must be false: tensors are dense. Got true.");
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override {
    return Config::object({{"num_bins", bins_}, {"output_mode", mode_}, {"sparse", false}});
  }
  bool takes_text() const override { return true; }
  DType output_dtype(DType) const override { return mode_ == "int" ? DType::Int64 : DType::Float32; }
  Shapes output_shapes(const Shapes& inputs) const override {
    require_several_inputs(kWhere, inputs);
    for (const Shape& shape : inputs)
      require(shape == inputs[0] && shape.count() == 1 && shape.rank() <= 1, kWhere,
              "every feature must be one value per sample, all of shape () or all of (1). Got ", shape, ".");
    return {mode_ == "int" ? inputs[0] : encoded_shape(Encoding::OneHot, inputs[0], bins_)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    std::vector<TensorType> types;
    for (const Value input : inputs) {
      require_no_gradient(kWhere, lowering, input);
      types.push_back(lowering.type(input));
    }
    const Value bins =
        lowering.add1(make_hashed_crossing_kernel(types, bins_, lowering.grain()), {inputs.begin(), inputs.end()});
    if (mode_ == "int") return {bins};
    return lowering.add(
        make_category_encoding_kernel(Encoding::OneHot, lowering.type(bins), bins_, {}, false, lowering.grain()),
        {bins});
  }

 private:
  int64_t bins_ = 1;
  std::string mode_;
};

const RegisterLayer<HashedCrossingLayer> registered{
    "HashedCrossing",
    {},
    {Config::object({{"num_bins", 5}}), Config::object({{"num_bins", 5}, {"output_mode", "one_hot"}})}};

}  // namespace
}  // namespace batchwise
