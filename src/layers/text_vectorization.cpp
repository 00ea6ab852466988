// TextVectorization: texts to numbers of tokens, standardised, split and looked up where they lie.
#include "kernels/text_vectorization.h"

#include "kernels/element_numbers.h"
#include "layers/arguments.h"
#include "layers/string_index.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "TextVectorization";

TextRules rules_of(const Config& config) {
  TextRules rules;
  const Config *standardize = config.find("standardize"), *split = config.find("split"),
               *ngrams = config.find("ngrams");
  // Null means none; only an argument that is not given is the default.
  if (standardize)
    rules.standardize = standardize->is_null()
                            ? Standardize{}
                            : standardize_named(standardize->as_string("TextVectorization.standardize"), kWhere);
  if (split)
    rules.split = split->is_null() ? Split::None : split_named(split->as_string("TextVectorization.split"), kWhere);
  if (!ngrams || ngrams->is_null()) return rules;
  rules.ngrams.clear();
  const auto add = [&](int64_t length) {
    require(length >= 1 && length <= kMostNgrams, kWhere, "ngrams must be from 1 to ", kMostNgrams, ". Got ", length,
            ".");
    rules.ngrams.push_back(static_cast<int>(length));
  };
  if (ngrams->is_list()) {
    for (const Config& length : ngrams->as_list()) add(length.as_int("TextVectorization.ngrams"));
    require(!rules.ngrams.empty(), kWhere, "ngrams must not be empty. Got [].");
  } else {
    const int64_t longest = ngrams->as_int("TextVectorization.ngrams");
    require(longest >= 1, kWhere, "ngrams must be from 1 to ", kMostNgrams, ". Got ", longest, ".");
    for (int64_t length = 1; length <= longest; ++length) add(length);
  }
  return rules;
}

Config or_default(const Config& config, const char* key, Config otherwise) {
  const Config* given = config.find(key);
  return given ? *given : std::move(otherwise);
}

class TextVectorizationLayer final : public StringIndexLayer {
 public:
  explicit TextVectorizationLayer(const Config& config)
      : StringIndexLayer(settings_of(config), "", "[UNK]", config),
        rules_(rules_of(config)),
        standardize_(or_default(config, "standardize", "lower_and_strip_punctuation")),
        split_(or_default(config, "split", "whitespace")),
        ngrams_(or_default(config, "ngrams", {})) {
    if (const Config* length = config.find("output_sequence_length"); length && !length->is_null())
      length_ = length->as_int("TextVectorization.output_sequence_length");
    require(length_ != 0 && length_ >= -1, kWhere, "output_sequence_length must be positive. Got ", length_, ".");
    require(length_ < 0 || settings().numbers(), kWhere, "output_sequence_length goes with output_mode \"int\". Got \"",
            settings().output_mode, "\".");
    require(settings().output_mode != "one_hot" || rules_.split == Split::None, kWhere,
            "output_mode \"one_hot\" gives as many vectors as a text has tokens: use \"multi_hot\" or \"count\". Got "
            "\"one_hot\".");
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override {
    Config::Object all = shared_config();
    for (auto& [key, value] : Config::Object{{"standardize", standardize_},
                                             {"split", split_},
                                             {"ngrams", ngrams_},
                                             {"output_sequence_length", length_ < 0 ? Config() : Config(length_)},
                                             {"ragged", false},
                                             {"encoding", "utf-8"}})
      all.emplace_back(key, value);
    return all;
  }
  DType output_dtype(DType) const override { return settings().counts_whole() ? DType::Int64 : DType::Float32; }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input(kWhere, inputs);
    require(shape.count() == 1 && shape.rank() <= 1, kWhere, "each sample must be one text, of shape () or (1). Got ",
            shape, ".");
    if (!settings().numbers()) return {{settings().width(size())}};
    if (whole_texts()) return {shape};
    require(length_ > 0, kWhere,
            "in a model every sample must have the same length: state output_sequence_length. Got none.");
    return {{length_}};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const TensorType& type = lowering.type(inputs[0]);
    require(type.dtype == DType::String, kWhere, "the input must be text. Got ", type.dtype, ".");
    if (!settings().numbers()) {
      const Bag bag = settings().output_mode == "count"    ? Bag::Count
                      : settings().output_mode == "tf_idf" ? Bag::Weighted
                                                           : Bag::MultiHot;
      return lowering.add(
          make_token_bag_kernel(index(), rules_, bag, weights(), settings().width(size()), lowering.grain()),
          {inputs[0]});
    }
    const Value numbers = lowering.add1(
        make_token_sequence_kernel(index(), rules_, whole_texts() ? type.shape : Shape{length_}, lowering.grain()),
        {inputs[0]});
    return {numbers};
  }
  std::unique_ptr<Adaptation> adapt() override { return std::make_unique<Counting>(*this); }

 private:
  class Counting final : public Adaptation {
   public:
    explicit Counting(TextVectorizationLayer& layer) : layer_(layer) {}
    void see(const Array& samples) override {
      for (const std::string_view text : samples.values<std::string_view>()) {
        each_run(text, layer_.rules_, [&](TokenRun run) {
          counts_.add(shown(run));
          return true;
        });
        counts_.end_document();
      }
    }
    void finish() override { layer_.learn(counts_); }

   private:
    TextVectorizationLayer& layer_;
    TokenCounts<std::string> counts_;
  };

  static LookupSettings settings_of(const Config& config) {
    require_known_keys(
        kWhere, config,
        {"max_tokens", "standardize", "split", "ngrams", "output_mode", "output_sequence_length", "pad_to_max_tokens",
         "vocabulary", "idf_weights", "sparse", "ragged", "encoding", "vocabulary_size"});
    return read_lookup_settings(kWhere, config, 1);
  }
  bool whole_texts() const {
    return rules_.split == Split::None && rules_.ngrams == std::vector<int>{1} && length_ < 0;
  }

  TextRules rules_;
  Config standardize_, split_, ngrams_;
  int64_t length_ = -1;
};

const RegisterLayer<TextVectorizationLayer> registered{
    "TextVectorization",
    {},
    {Config::object({{"output_sequence_length", 4}, {"vocabulary", Config::List{"cat", "dog"}}}),
     Config::object({{"output_mode", "multi_hot"}, {"max_tokens", 6}, {"pad_to_max_tokens", true}, {"ngrams", 2}}),
     Config::object({{"output_mode", "tf_idf"},
                     {"vocabulary", Config::List{"cat", "dog"}},
                     {"idf_weights", Config::List{0.5, 2.0}},
                     {"standardize", Config()},
                     {"split", "character"}})}};

}  // namespace
}  // namespace batchwise
