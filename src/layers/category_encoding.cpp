// CategoryEncoding: numbers of categories to one-hot, multi-hot or counting vectors.
#include "kernels/category_encoding.h"

#include "layers/arguments.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "CategoryEncoding";

class CategoryEncodingLayer final : public Layer {
 public:
  explicit CategoryEncodingLayer(const Config& config) : mode_(config.get("output_mode", "multi_hot")) {
    require_known_keys(kWhere, config, {"num_tokens", "output_mode", "sparse"});
    width_ = config.at("num_tokens").as_int("CategoryEncoding.num_tokens");
    require(width_ >= 1, kWhere, "num_tokens must be positive. Got ", width_, ".");
    require(mode_ == "one_hot" || mode_ == "multi_hot" || mode_ == "count", kWhere,
            "output_mode must be \"one_hot\", \"multi_hot\" or \"count\". Got \"", mode_, "\".");
    require(!config.get("sparse", false), kWhere, "sparse must be false: tensors are dense. Got true.");
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override { return Config::object({{"num_tokens", width_}, {"output_mode", mode_}}); }
  Shapes output_shapes(const Shapes& inputs) const override {
    return {encoded_shape(encoding(), one_input(kWhere, inputs), width_)};
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const int counts = form.find("count_weights");
    if (counts < 0) return Layer::call_shapes(inputs, form);
    require(inputs.size() == 2 && counts == 1 && inputs[1] == inputs[0], kWhere,
            "count_weights must be one number per number of the input. Got ", inputs.back(), " for ", inputs.front(),
            ".");
    require(mode_ == "count", kWhere, "count_weights go with output_mode \"count\". Got \"", mode_, "\".");
    return output_shapes({inputs[0]});
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    std::vector<Value> plain;
    for (const Value input : inputs) plain.push_back(lowering.plain(input));
    return lowering.add(make_category_encoding_kernel(encoding(), lowering.type(plain[0]), width_, {},
                                                      plain.size() == 2, lowering.grain()),
                        plain);
  }

 private:
  Encoding encoding() const {
    return mode_ == "one_hot" ? Encoding::OneHot : mode_ == "multi_hot" ? Encoding::MultiHot : Encoding::Count;
  }
  int64_t width_;
  std::string mode_;
};

const RegisterLayer<CategoryEncodingLayer> registered{
    "CategoryEncoding",
    {},
    {Config::object({{"num_tokens", 4}}), Config::object({{"num_tokens", 4}, {"output_mode", "one_hot"}}),
     Config::object({{"num_tokens", 4}, {"output_mode", "count"}})}};

}  // namespace
}  // namespace batchwise
