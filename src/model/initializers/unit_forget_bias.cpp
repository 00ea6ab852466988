// UnitForgetBias: what an LSTM's bias starts from where its argument unit_forget_bias is true.
#include <algorithm>

#include "base/known_keys.h"
#include "base/random.h"

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

// Ones for the forget gate, the second of four; the other three from an initializer of their own.
class UnitForgetBias : public Initializer {
 public:
  explicit UnitForgetBias(const Config& config) : others_(make_initializer(others_of(config))) {
    require_known_keys(config, "UnitForgetBias", {"bias_initializer"});
  }
  std::string_view class_name() const override { return "UnitForgetBias"; }
  Config config() const override {
    return Config::object(
        {{"bias_initializer", config_of(Spec(std::string(others_->class_name()), others_->config()))}});
  }
  void fill(std::span<const int64_t>, uint64_t seed, uint64_t key, std::span<float> values) const override {
    const size_t units = values.size() / 4;
    const int64_t first[] = {static_cast<int64_t>(units)}, rest[] = {static_cast<int64_t>(2 * units)};
    others_->fill(first, seed, key, values.first(units));
    std::fill_n(values.begin() + static_cast<int64_t>(units), units, 1.0f);
    others_->fill(rest, seed, mix(key, 1), values.subspan(2 * units, 2 * units));
  }

 private:
  static Spec others_of(const Config& config) {
    const Config* stated = config.find("bias_initializer");
    return stated ? spec_of(*stated, "UnitForgetBias.bias_initializer") : Spec("Zeros");
  }
  std::unique_ptr<Initializer> others_;
};

const Register<Initializer, UnitForgetBias> registered{"UnitForgetBias"};

}  // namespace
}  // namespace batchwise
