// Einsum: products of any number of factors, with a letter for each axis and "..." for those that are left out.
#include <algorithm>

#include "layers/operations/product_operations.h"

namespace batchwise {
namespace {

class EinsumOperation final : public ProductOperation {
 public:
  EinsumOperation(const std::string& key, const Config& config) : ProductOperation(key, config, {"subscripts"}) {
    text_ = config.at("subscripts").as_string(key);
    std::erase(text_, ' ');
    const size_t arrow = text_.find("->");
    require(arrow != std::string::npos, key, "subscripts must state the result: \"bij,bjk->bik\". Got \"", text_,
            "\".");
    std::string part;
    for (const char letter : text_.substr(0, arrow) + ",") {
      if (letter == ',') parts_.push_back(std::exchange(part, {}));
      else part.push_back(letter);
    }
    result_ = text_.substr(arrow + 2);
    for (std::string word : parts_) check(word);
    check(result_);
    if (text_.find('.') == std::string::npos) check_batch(parts_, result_, std::vector<bool>(parts_.size(), false));
  }

 private:
  void check(std::string word) const {
    if (const size_t dots = word.find("..."); dots != std::string::npos) word.erase(dots, 3);
    require(std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isalpha(c) != 0; }), key(),
            "subscripts must be letters and \"...\". Got \"", text_, "\".");
  }
  // Tensors and the result begin with the batch, which nothing else has. Constants may lack it.
  void check_batch(const std::vector<std::string>& words, const std::string& result,
                   const std::vector<bool>& constant) const {
    bool fits = !result.empty() && std::count(result.begin(), result.end(), result[0]) == 1;
    bool tensors = false;
    for (size_t i = 0; fits && i < words.size(); ++i) {
      const auto count = std::count(words[i].begin(), words[i].end(), result[0]);
      const bool begins = count == 1 && words[i][0] == result[0];
      tensors = tensors || begins;
      fits = constant[i] ? count == 0 : begins || (count == 0 && constant.size() > 1);
    }
    require(fits && tensors, key(), "the first axis of the tensors and the result must be the batch. Got \"", text_,
            "\".");
  }

  std::vector<Factor> factors(const Shapes& inputs, const CallForm& form) const override {
    std::vector<std::string> names;
    for (size_t i = 0; i < parts_.size(); ++i) names.push_back(std::to_string(i));
    std::vector<Factor> all;
    for (const Operand& operand : operands(form, inputs.size(), names)) {
      require(operand.given(), key(), "there must be a tensor or a constant for each of \"", text_, "\". Got ",
              inputs.size(), " tensors.");
      if (operand.tensor >= 0) {
        all.push_back({inputs[static_cast<size_t>(operand.tensor)], operand.tensor, {}});
        continue;
      }
      ElementwiseOperand constant = constant_operand(key(), operand.constant, Shape::kMaxRank);
      all.push_back({constant.type.shape, -1, std::move(constant.constant)});
    }
    return all;
  }

  Letters letters(const std::vector<Factor>& all) const override {
    // How many axes "..." stands for: shorter ones reach from the right.
    std::vector<int> open;
    int most = 0;
    for (size_t i = 0; i < parts_.size(); ++i) {
      const bool dots = parts_[i].find("...") != std::string::npos;
      const int rank = all[i].shape.rank() + (all[i].is_constant() ? 0 : 1);
      const int named = static_cast<int>(parts_[i].size()) - (dots ? 3 : 0);
      require(dots ? rank >= named : rank == named, key(), "a tensor must have one axis for each of \"", parts_[i],
              "\", the batch included. Got ", all[i].shape, ".");
      open.push_back(rank - named);
      most = std::max(most, open.back());
    }
    const auto filled = [&](std::string word, int count) {
      std::string gap;
      for (int i = most - count; i < most; ++i) gap.push_back(static_cast<char>('0' + i));
      if (const size_t dots = word.find("..."); dots != std::string::npos) word.replace(dots, 3, gap);
      return word;
    };
    Letters made{{}, filled(result_, most)};
    std::vector<bool> constant;
    for (size_t i = 0; i < parts_.size(); ++i) {
      made.factors.push_back(filled(parts_[i], open[i]));
      constant.push_back(all[i].is_constant());
      require(constant[i] || made.factors[i][0] == made.result[0], key(),
              "the first axis of the tensors and the result must be the batch. Got \"", text_, "\".");
    }
    check_batch(made.factors, made.result, constant);
    for (size_t i = 0; i < parts_.size(); ++i)
      if (!constant[i]) made.factors[i].erase(0, 1);
    made.result.erase(0, 1);
    return made;
  }

  std::string text_, result_;
  std::vector<std::string> parts_;
};

const bool registered = register_operations<EinsumOperation>(
    {"ops.numpy.Einsum"},
    {Config::object({{"subscripts", "bij,bkj->bik"}}), Config::object({{"subscripts", "bijk,bilk->bjil"}}),
     Config::object({{"subscripts", "...ij->...ji"}}), Config::object({{"subscripts", "bij->bi"}}),
     Config::object({{"subscripts", "bijk,bijk,bijk->bik"}})});

}  // namespace
}  // namespace batchwise
