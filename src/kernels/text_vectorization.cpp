// Walks over each text once per run length; nothing is copied and nothing allocated.
#include "kernels/text_vectorization.h"

#include <algorithm>

namespace batchwise {
namespace {

class TextKernel : public Kernel {
 public:
  TextKernel(std::shared_ptr<const TokenIndex> index, TextRules rules, TensorType out, int64_t grain)
      : index_(std::move(index)), rules_(std::move(rules)), out_(out), grain_(grain) {}
  std::vector<TensorType> outputs() const override { return {out_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  void backward(const BackwardCall&) const override {}

 protected:
  template <class See>
  void each_number(std::string_view text, See see) const {
    each_run(text, rules_, [&](TokenRun run) { return see(index_->number(run)); });
  }

  std::shared_ptr<const TokenIndex> index_;
  TextRules rules_;
  TensorType out_;
  int64_t grain_;
};

class TokenSequence final : public TextKernel {
 public:
  using TextKernel::TextKernel;
  std::string_view kind() const override { return "token_sequence"; }
  void forward(const ForwardCall& call) const override {
    const auto* texts = static_cast<const std::string_view*>(call.inputs[0]);
    auto* out = static_cast<int32_t*>(call.outputs[0]);
    const int64_t length = out_.shape.count();
    for (int64_t row = 0; row < grain_; ++row, out += length) {
      int64_t filled = 0;
      each_number(texts[row], [&](int64_t number) {
        if (filled < length) out[filled++] = static_cast<int32_t>(number);
        return filled < length;
      });
      std::fill(out + filled, out + length, 0);
    }
  }
};

class TokenBag final : public TextKernel {
 public:
  TokenBag(std::shared_ptr<const TokenIndex> index, const TextRules& rules, Bag bag, std::vector<float> weights,
           const TensorType& out, int64_t grain)
      : TextKernel(std::move(index), rules, out, grain), bag_(bag), weights_(std::move(weights)) {}
  std::string_view kind() const override { return "token_bag"; }
  void forward(const ForwardCall& call) const override {
    const auto* texts = static_cast<const std::string_view*>(call.inputs[0]);
    auto* out = static_cast<float*>(call.outputs[0]);
    const int64_t width = out_.shape.count();
    std::fill_n(out, grain_ * width, 0.0f);
    for (int64_t row = 0; row < grain_; ++row, out += width) {
      each_number(texts[row], [&](int64_t number) {
        if (number >= 0 && number < width) out[number] = bag_ == Bag::MultiHot ? 1 : out[number] + 1;
        return true;
      });
      if (bag_ == Bag::Weighted)
        for (size_t i = 0; i < weights_.size(); ++i) out[i] *= weights_[i];
    }
  }

 private:
  Bag bag_;
  std::vector<float> weights_;
};

}  // namespace

std::unique_ptr<Kernel> make_token_sequence_kernel(std::shared_ptr<const TokenIndex> index, const TextRules& rules,
                                                   const Shape& numbers, int64_t grain) {
  return std::make_unique<TokenSequence>(std::move(index), rules, TensorType{numbers, DType::Int32, 0}, grain);
}

std::unique_ptr<Kernel> make_token_bag_kernel(std::shared_ptr<const TokenIndex> index, const TextRules& rules, Bag bag,
                                              std::vector<float> weights, int64_t width, int64_t grain) {
  return std::make_unique<TokenBag>(std::move(index), rules, bag, std::move(weights),
                                    TensorType{{width}, DType::Float32, 0}, grain);
}

}  // namespace batchwise
