// Hashing: text or whole numbers to one of num_bins bins, by TensorFlow's hashes.
#include "kernels/category_encoding.h"
#include "kernels/element_numbers.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "Hashing";

class HashingLayer final : public Layer {
 public:
  explicit HashingLayer(const Config& config) : mode_(config.get("output_mode", "int")) {
    require_known_keys(kWhere, config, {"num_bins", "mask_value", "salt", "output_mode", "sparse"});
    rules_.bins = config.at("num_bins").as_int("Hashing.num_bins");
    const Config* mask = config.find("mask_value");
    if (mask && !mask->is_null()) mask_ = *mask;
    if (mask_.is_int()) rules_.mask = mask_.as_int();
    else if (!mask_.is_null()) rules_.mask = mask_.as_string("Hashing.mask_value");
    require(rules_.bins >= (mask_.is_null() ? 1 : 2) && rules_.bins < (int64_t{1} << 31), kWhere,
            "num_bins must be positive, and at least 2 with a mask. Got ", rules_.bins, ".");
    if (const Config* salt = config.find("salt"); salt && !salt->is_null()) {
      salt_ = *salt;
      const bool pair = salt->is_list() && salt->as_list().size() == 2;
      require(salt->is_int() || pair, kWhere, "salt must be one or two whole numbers. Got ", salt->text(), ".");
      const auto word = [&](size_t i) {
        return static_cast<uint64_t>(pair ? salt->as_list()[i].as_int("Hashing.salt") : salt->as_int());
      };
      rules_.key = {word(0), word(1)};
      if (!pair) salt_ = Config::List{*salt, *salt};  // as Keras writes it
    }
    require(mode_ == "int" || mode_ == "one_hot" || mode_ == "multi_hot" || mode_ == "count", kWhere,
            "output_mode must be \"int\", \"one_hot\", \"multi_hot\" or \"count\". Got \"", mode_, "\".");
    require(!config.get("sparse", false), kWhere, "sparse must be false: tensors are dense. Got true.");
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override {
    return Config::object(
        {{"num_bins", rules_.bins}, {"salt", salt_}, {"mask_value", mask_}, {"output_mode", mode_}, {"sparse", false}});
  }
  bool takes_text() const override { return true; }
  DType output_dtype(DType) const override { return mode_ == "int" ? DType::Int64 : DType::Float32; }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input(kWhere, inputs);
    return {mode_ == "int" ? shape : encoded_shape(encoding(), shape, rules_.bins)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    require_no_gradient(kWhere, lowering, input);
    const Value bins = lowering.add1(make_hashing_kernel(rules_, lowering.type(input), lowering.grain()), {input});
    if (mode_ == "int") return {bins};
    return lowering.add(
        make_category_encoding_kernel(encoding(), lowering.type(bins), rules_.bins, {}, false, lowering.grain()),
        {bins});
  }

 private:
  Encoding encoding() const {
    return mode_ == "one_hot" ? Encoding::OneHot : mode_ == "multi_hot" ? Encoding::MultiHot : Encoding::Count;
  }
  HashRules rules_;
  Config mask_, salt_;
  std::string mode_;
};

const RegisterLayer<HashingLayer> registered{
    "Hashing",
    {},
    {Config::object({{"num_bins", 5}}), Config::object({{"num_bins", 5}, {"salt", 7}, {"output_mode", "count"}})}};

}  // namespace
}  // namespace batchwise
