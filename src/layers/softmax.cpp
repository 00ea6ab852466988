// Softmax: along one axis or several neighbouring ones.
#include <algorithm>

#include "kernels/row_activation.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

class SoftmaxLayer final : public Layer {
 public:
  explicit SoftmaxLayer(const Config& config) {
    require_known_keys("Softmax", config, {"axis"});
    const Config* axis = config.find("axis");
    if (axis && axis->is_list()) {
      for (const Config& item : axis->as_list()) axes_.push_back(item.as_int("Softmax.axis"));
      require(!axes_.empty(), "Softmax", "axis must name at least one axis. Got [].");
      listed_ = true;
    } else {
      axes_.push_back(config.get("axis", -1));
    }
  }
  std::string_view class_name() const override { return "Softmax"; }
  bool passes_mask() const override { return true; }
  Config config() const override { return Config::object({{"axis", listed_ ? Config(axes_) : Config(axes_[0])}}); }
  Shapes output_shapes(const Shapes& inputs) const override {
    range(one_input("Softmax", inputs).rank());
    return {inputs[0]};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value plain = lowering.plain(inputs[0]);
    const auto [first, last] = range(lowering.type(plain).shape.rank());
    return {lowering.add1(make_row_activation_kernel("softmax", lowering.type(plain), lowering.grain(), first, last),
                          {plain})};
  }

 private:
  std::pair<int, int> range(int rank) const {
    std::vector<int> sorted;
    for (int64_t axis : axes_) sorted.push_back(sample_axis("Softmax", axis, rank));
    std::sort(sorted.begin(), sorted.end());
    for (size_t i = 1; i < sorted.size(); ++i)
      require(sorted[i] == sorted[i - 1] + 1, "Softmax", "axes must be neighbours. Got ", Config(axes_).text(), ".");
    return {sorted.front(), sorted.back()};
  }
  std::vector<int64_t> axes_;
  bool listed_ = false;
};

const RegisterLayer<SoftmaxLayer> registered{"Softmax", {}, {Config(Config::Object{}), Config::object({{"axis", 1}})}};

}  // namespace
}  // namespace batchwise
