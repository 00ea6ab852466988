// StringLookup: tokens to numbers and back, or to vectors that count them.
#include "kernels/element_numbers.h"
#include "layers/arguments.h"
#include "layers/string_index.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "StringLookup";

std::optional<std::string> mask_of(const Config& config) {
  const Config* mask = config.find("mask_token");
  if (!mask || mask->is_null()) return std::nullopt;
  return mask->as_string("StringLookup.mask_token");
}

class StringLookupLayer final : public StringIndexLayer {
 public:
  explicit StringLookupLayer(const Config& config)
      : StringIndexLayer(settings_of(config), mask_of(config), config.get("oov_token", "[UNK]"), config),
        invert_(config.get("invert", false)) {
    require(!invert_ || (settings().numbers() && settings().num_oov == 1), kWhere,
            "invert goes with output_mode \"int\" and num_oov_indices=1. Got \"", settings().output_mode, "\" and ",
            settings().num_oov, ".");
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override {
    Config::Object all = shared_config();
    for (auto& [key, value] : Config::Object{{"invert", invert_},
                                             {"num_oov_indices", settings().num_oov},
                                             {"oov_token", oov_token()},
                                             {"mask_token", mask() ? Config(*mask()) : Config()},
                                             {"encoding", "utf-8"}})
      all.emplace_back(key, value);
    return all;
  }
  DType output_dtype(DType) const override {
    return invert_ ? DType::String : settings().counts_whole() ? DType::Int64 : DType::Float32;
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input(kWhere, inputs);
    return {settings().numbers() ? shape : encoded_shape(settings().encoding(), shape, settings().width(size()))};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const TensorType& type = lowering.type(inputs[0]);
    if (invert_) require_no_gradient(kWhere, lowering, inputs[0]);
    if (invert_)
      return lowering.add(make_word_kernel(std::make_shared<const std::vector<std::string>>(vocabulary(true)),
                                           oov_token(), type, lowering.grain()),
                          {inputs[0]});
    require(type.dtype == DType::String, kWhere, "the input must be text. Got ", type.dtype, ".");
    const Value numbers = lowering.add1(make_token_lookup_kernel(index(), type, lowering.grain()), {inputs[0]});
    if (settings().numbers()) return {numbers};
    return lowering.add(make_category_encoding_kernel(settings().encoding(), lowering.type(numbers),
                                                      settings().width(size()), weights(), false, lowering.grain()),
                        {numbers});
  }
  std::unique_ptr<Adaptation> adapt() override { return std::make_unique<Counting>(*this); }

 private:
  class Counting final : public Adaptation {
   public:
    explicit Counting(StringLookupLayer& layer) : layer_(layer) {}
    void see(const Array& samples) override {
      const int64_t tokens = samples.rows() ? samples.count() / samples.rows() : 0;  // of a sample: a document
      const auto* token = samples.data<std::string_view>();
      for (int64_t row = 0; row < samples.rows(); ++row) {
        for (int64_t i = 0; i < tokens; ++i) counts_.add(std::string(*token++));
        counts_.end_document();
      }
    }
    void finish() override { layer_.learn(counts_); }

   private:
    StringLookupLayer& layer_;
    TokenCounts<std::string> counts_;
  };

  static LookupSettings settings_of(const Config& config) {
    require_known_keys(
        kWhere, config,
        {"max_tokens", "num_oov_indices", "mask_token", "oov_token", "vocabulary", "idf_weights", "invert",
         "output_mode", "pad_to_max_tokens", "sparse", "encoding", "vocabulary_size", "oov_method", "salt"});
    return read_lookup_settings(kWhere, config, 1);
  }

  bool invert_;
};

const RegisterLayer<StringLookupLayer> registered{
    "StringLookup",
    {},
    {Config::object({{"vocabulary", Config::List{"a", "b"}}}),
     Config::object({{"vocabulary", Config::List{"a", "b"}}, {"output_mode", "count"}, {"mask_token", ""}}),
     Config::object({{"vocabulary", Config::List{"a", "b"}}, {"invert", true}})}};

}  // namespace
}  // namespace batchwise
