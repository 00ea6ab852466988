// IntegerLookup: whole numbers to places in a vocabulary and back, or to vectors that count them.
#include <algorithm>
#include <charconv>

#include <batchwise/layers/vocabulary.h>

#include "kernels/element_numbers.h"
#include "layers/arguments.h"
#include "layers/lookup_settings.h"
#include "text/token_counts.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "IntegerLookup";

int64_t integer_of(const std::string& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  require(error == std::errc() && end == text.data() + text.size(), kWhere,
          "a vocabulary must be whole numbers. Got \"", text.substr(0, 60), "\".");
  return value;
}

class IntegerLookupLayer final : public VocabularyLayer {
 public:
  explicit IntegerLookupLayer(const Config& config)
      : settings_(settings_of(config)), oov_(config.get("oov_token", -1)), invert_(config.get("invert", false)) {
    if (const Config* mask = config.find("mask_token"); mask && !mask->is_null())
      mask_ = mask->as_int("IntegerLookup.mask_token");
    require(!invert_ || (settings_.numbers() && settings_.num_oov == 1), kWhere,
            "invert goes with output_mode \"int\" and num_oov_indices=1. Got \"", settings_.output_mode, "\" and ",
            settings_.num_oov, ".");
    const std::vector<std::string> tokens = read_vocabulary(settings_, config);
    in_config_ = !tokens.empty();
    const std::vector<std::string> own = without_special(settings_, tokens, special());
    std::vector<float> idf = read_idf_weights(settings_, config, own.size());
    if (in_config_) set(integers(own), std::move(idf));
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override {
    const bool as_argument = index_ && in_config_;
    Config::List values;
    if (as_argument)
      for (const int64_t value : index_->vocabulary().values()) values.emplace_back(value);
    Config::Object all =
        settings_.config(as_argument ? Config(values) : Config(), as_argument ? idf_ : std::vector<float>(), size());
    for (auto& [key, value] : Config::Object{{"invert", invert_},
                                             {"num_oov_indices", settings_.num_oov},
                                             {"oov_token", oov_},
                                             {"mask_token", mask_ ? Config(*mask_) : Config()},
                                             {"vocabulary_dtype", "int64"}})
      all.emplace_back(key, value);
    return all;
  }
  DType output_dtype(DType) const override {
    return invert_ || settings_.counts_whole() ? DType::Int64 : DType::Float32;
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input(kWhere, inputs);
    return {settings_.numbers() ? shape : encoded_shape(settings_.encoding(), shape, settings_.width(size()))};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    require(index_ != nullptr, kWhere, "the layer needs a vocabulary: call adapt, or give one.");
    const Value input = lowering.plain(inputs[0]);
    require_no_gradient(kWhere, lowering, input);
    const TensorType& type = lowering.type(input);
    if (invert_) {
      std::vector<int64_t> values;
      for (const std::string& token : vocabulary(true)) values.push_back(integer_of(token));
      return lowering.add(make_value_kernel(std::move(values), oov_, type, lowering.grain()), {input});
    }
    const Value numbers = lowering.add1(make_integer_lookup_kernel(index_, type, lowering.grain()), {input});
    if (settings_.numbers()) return {numbers};
    return lowering.add(
        make_category_encoding_kernel(settings_.encoding(), lowering.type(numbers), settings_.width(size()),
                                      settings_.weights(idf_, rules()), false, lowering.grain()),
        {numbers});
  }

  std::vector<std::string> vocabulary(bool include_special_tokens) const override {
    std::vector<std::string> tokens;
    if (!index_) return tokens;
    if (include_special_tokens) tokens = special();
    for (const int64_t value : index_->vocabulary().values()) tokens.push_back(std::to_string(value));
    return tokens;
  }
  void set_vocabulary(std::vector<std::string> tokens, std::vector<double> idf_weights) override {
    set(integers(without_special(settings_, std::move(tokens), special())), {idf_weights.begin(), idf_weights.end()});
  }
  std::vector<Asset> assets() const override {
    if (!index_) return {};
    std::vector<Asset> all;
    if (!in_config_) all = vocabulary_asset(vocabulary(true));
    if (settings_.output_mode == "tf_idf") all.push_back(idf_asset(settings_, idf_, rules()));
    return all;
  }
  void load_assets(const std::vector<Asset>& assets) override {
    std::vector<Asset> files = assets;
    const std::vector<float> weights = take_idf_asset(files);
    if (in_config_) {
      if (!weights.empty())
        idf_ = idf_of_tokens(settings_, weights, static_cast<size_t>(index_->vocabulary().size()), rules());
      return;
    }
    if (files.empty() && !settings_.stated_size) return;
    std::vector<int64_t> values =
        integers(without_special(settings_, read_vocabulary_asset(settings_, files), special()));
    std::vector<float> idf = idf_of_tokens(settings_, weights, values.size(), rules());
    set(std::move(values), std::move(idf));
  }
  std::unique_ptr<Adaptation> adapt() override { return std::make_unique<Counting>(*this); }

 private:
  class Counting final : public Adaptation {
   public:
    explicit Counting(IntegerLookupLayer& layer) : layer_(layer) {}
    void see(const Array& samples) override {
      const Array values = samples.cast(DType::Int64);
      const int64_t each = samples.rows() ? samples.count() / samples.rows() : 0;
      const int64_t* value = values.data<int64_t>();
      for (int64_t row = 0; row < samples.rows(); ++row) {
        for (int64_t i = 0; i < each; ++i) counts_.add(*value++);
        counts_.end_document();
      }
    }
    void finish() override {
      require(!layer_.in_config_, kWhere, "adapt is refused where the vocabulary is an argument.");
      if (layer_.mask_) counts_.leave_out(*layer_.mask_);
      counts_.leave_out(layer_.oov_);
      std::vector<int64_t> values = counts_.ranked(layer_.settings_.most_tokens(layer_.rules()));
      std::vector<float> idf;
      if (layer_.settings_.output_mode == "tf_idf") idf = inverse_document_frequencies(counts_, values);
      layer_.set(std::move(values), std::move(idf));
    }

   private:
    IntegerLookupLayer& layer_;
    TokenCounts<int64_t> counts_;
  };

  static LookupSettings settings_of(const Config& config) {
    require_known_keys(
        kWhere, config,
        {"max_tokens", "num_oov_indices", "mask_token", "oov_token", "vocabulary", "idf_weights", "invert",
         "output_mode", "pad_to_max_tokens", "sparse", "vocabulary_size", "vocabulary_dtype", "oov_method", "salt"});
    require(config.get("vocabulary_dtype", "int64") == "int64", kWhere, "vocabulary_dtype must be \"int64\". Got \"",
            config.get("vocabulary_dtype", ""), "\".");
    return read_lookup_settings(kWhere, config, 1);
  }
  static std::vector<int64_t> integers(const std::vector<std::string>& tokens) {
    std::vector<int64_t> values;
    for (const std::string& token : tokens) values.push_back(integer_of(token));
    return values;
  }
  IndexRules rules() const {
    return {.num_oov = settings_.num_oov, .masked = mask_.has_value() && settings_.numbers()};
  }
  int64_t size() const { return index_ ? index_->size() : 0; }
  std::vector<std::string> special() const {
    std::vector<std::string> tokens;
    if (rules().masked) tokens.push_back(std::to_string(*mask_));
    for (int64_t i = 0; i < settings_.num_oov; ++i) tokens.push_back(std::to_string(oov_));
    return tokens;
  }
  void set(std::vector<int64_t> values, std::vector<float> idf) {
    auto made =
        std::make_shared<const IntegerIndex>(IntegerVocabulary(std::move(values), kWhere), rules(), mask_, kWhere);
    settings_.check_size(made->size());
    require(settings_.output_mode != "tf_idf" || static_cast<int64_t>(idf.size()) == made->vocabulary().size(), kWhere,
            "output_mode \"tf_idf\" needs one idf weight per value. Got ", idf.size(), ".");
    const int64_t before = size() > 0 ? size() : settings_.stated_size.value_or(0);
    require(!built() || settings_.numbers() || settings_.pad_to_max_tokens || before == made->size(), kWhere,
            "a vocabulary of another size changes the output's width: adapt before the layer is called. Got ",
            made->size(), " values for ", before, ".");
    index_ = std::move(made);
    idf_ = std::move(idf);
  }

  LookupSettings settings_;
  std::optional<int64_t> mask_;
  int64_t oov_;
  bool invert_;
  std::shared_ptr<const IntegerIndex> index_;
  std::vector<float> idf_;
  bool in_config_ = false;
};

const RegisterLayer<IntegerLookupLayer> registered{
    "IntegerLookup",
    {},
    {Config::object({{"vocabulary", Config::List{1, 2, 5}}}),
     Config::object({{"vocabulary", Config::List{1, 2, 5}}, {"output_mode", "multi_hot"}}),
     Config::object({{"vocabulary", Config::List{1, 2, 5}}, {"invert", true}})}};

}  // namespace
}  // namespace batchwise
