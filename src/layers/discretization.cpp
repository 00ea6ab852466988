// Discretization: numbers to the bins that they fall into; the bins are given, or learned as quantiles.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/category_encoding.h"
#include "kernels/element_numbers.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "Discretization";

// Keras's sketch of a distribution: values that rise, and how many samples each stands for.
struct Sketch {
  std::vector<float> values, weights;
};

// y at x of the line through the points, flat outside. REQUIRES: xs rise.
double interpolated(double x, const std::vector<double>& xs, const std::vector<double>& ys) {
  const auto at = std::upper_bound(xs.begin(), xs.end(), x) - xs.begin();
  if (at == 0) return ys.front();
  const auto i = static_cast<size_t>(at);
  if (i == xs.size()) return ys.back();
  return ys[i - 1] + (ys[i] - ys[i - 1]) / (xs[i] - xs[i - 1]) * (x - xs[i - 1]);
}

Sketch compressed(const Sketch& sketch, double epsilon) {
  if (static_cast<double>(sketch.values.size()) * epsilon < 1) return sketch;
  std::vector<double> sums, shares, values(sketch.values.begin(), sketch.values.end());
  float sum = 0;
  for (const float weight : sketch.weights) sums.push_back(sum += weight);
  for (const double part : sums) shares.push_back(static_cast<float>(part) / sum);
  Sketch smaller;
  double before = 0;
  const auto points = static_cast<int64_t>(std::ceil(1.0 / epsilon));
  for (int64_t i = 0; i < points; ++i) {
    const double share = epsilon + static_cast<double>(i) * epsilon;
    const double weight = interpolated(share, shares, sums);
    smaller.values.push_back(static_cast<float>(interpolated(share, shares, values)));
    smaller.weights.push_back(static_cast<float>(weight - before));
    before = weight;
  }
  return smaller;
}

Sketch summary(std::vector<float> values, double epsilon) {
  std::sort(values.begin(), values.end());
  const double increment = static_cast<double>(values.size()) / (1.0 / epsilon);
  const auto step = static_cast<size_t>(std::max(increment, 1.0));
  Sketch sketch;
  for (auto i = static_cast<size_t>(std::max(increment - 1, 0.0)); i < values.size(); i += step)
    sketch.values.push_back(values[i]);
  sketch.weights.assign(sketch.values.size(), static_cast<float>(std::max(increment, 1.0)));
  return sketch;
}

Sketch merged(const Sketch& a, const Sketch& b, double epsilon) {
  std::vector<std::pair<float, float>> all;
  for (const Sketch* sketch : {&a, &b})
    for (size_t i = 0; i < sketch->values.size(); ++i) all.emplace_back(sketch->values[i], sketch->weights[i]);
  std::stable_sort(all.begin(), all.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  Sketch sketch;
  for (const auto& [value, weight] : all) {
    sketch.values.push_back(value);
    sketch.weights.push_back(weight);
  }
  return compressed(sketch, epsilon);
}

class DiscretizationLayer final : public Layer {
 public:
  explicit DiscretizationLayer(const Config& config)
      : epsilon_(config.get("epsilon", 0.01)), mode_(config.get("output_mode", "int")) {
    require_known_keys(kWhere, config, {"bin_boundaries", "num_bins", "epsilon", "output_mode", "sparse"});
    if (const Config* given = config.find("bin_boundaries"); given && !given->is_null())
      for (const Config& boundary : given->as_list("Discretization.bin_boundaries"))
        boundaries_.push_back(static_cast<float>(boundary.as_number("Discretization.bin_boundaries")));
    if (const Config* bins = config.find("num_bins"); bins && !bins->is_null())
      bins_ = bins->as_int("Discretization.num_bins");
    require(!boundaries_.empty() || bins_ >= 1, kWhere, "num_bins (at least 1) or bin_boundaries must be given. Got ",
            bins_, ".");
    require(std::is_sorted(boundaries_.begin(), boundaries_.end()), kWhere, "bin_boundaries must rise. Got ",
            config.text().substr(0, 100), ".");
    require(epsilon_ > 0 && epsilon_ < 1, kWhere, "epsilon must be between 0 and 1. Got ", epsilon_, ".");
    require(mode_ == "int" || mode_ == "one_hot" || mode_ == "multi_hot" || mode_ == "count", kWhere,
            "output_mode must be \"int\", \"one_hot\", \"multi_hot\" or \"count\". Got \"", mode_, "\".");
    require(!config.get("sparse", false), kWhere, "sparse must be false: tensors are dense. Got true.");
  }
  std::string_view class_name() const override { return kWhere; }
  // Boundaries that were learned are arguments like given ones; Keras takes them or the number of bins.
  Config config() const override {
    Config::List boundaries;
    for (const float boundary : boundaries_) boundaries.emplace_back(boundary);
    const bool known = !boundaries_.empty();
    return Config::object({{"bin_boundaries", known ? Config(boundaries) : Config()},
                           {"num_bins", known ? Config() : Config(bins_)},
                           {"epsilon", epsilon_},
                           {"output_mode", mode_},
                           {"sparse", false}});
  }
  DType output_dtype(DType) const override { return mode_ == "int" ? DType::Int32 : DType::Float32; }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input(kWhere, inputs);
    return {mode_ == "int" ? shape : encoded_shape(encoding(), shape, width())};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    require(!boundaries_.empty() || bins_ == 1, kWhere, "the layer needs boundaries: call adapt, or give them.");
    const Value input = lowering.plain(inputs[0]);
    require_no_gradient(kWhere, lowering, input);
    const TensorType& type = lowering.type(input);
    require(type.dtype == DType::Float32, kWhere, "the input must be float32. Got ", type.dtype, ".");
    const Value bins = lowering.add1(make_discretization_kernel(boundaries_, type, lowering.grain()), {input});
    if (mode_ == "int") return {bins};
    return lowering.add(
        make_category_encoding_kernel(encoding(), lowering.type(bins), width(), {}, false, lowering.grain()), {bins});
  }
  std::unique_ptr<Adaptation> adapt() override {
    require(bins_ >= 1, kWhere, "adapt is refused where bin_boundaries are an argument.");
    return std::make_unique<Sketching>(*this);
  }

 private:
  class Sketching final : public Adaptation {
   public:
    explicit Sketching(DiscretizationLayer& layer) : layer_(layer) {}
    void see(const Array& samples) override {
      const Array values = samples.cast(DType::Float32);
      const auto all = values.values<float>();
      sketch_ = merged(summary({all.begin(), all.end()}, layer_.epsilon_), sketch_, layer_.epsilon_);
    }
    void finish() override {
      Sketch bins = compressed(sketch_, 1.0 / static_cast<double>(layer_.bins_));
      require(!bins.values.empty(), kWhere, "there are too few values to learn bins from.");
      bins.values.pop_back();
      const int64_t width = static_cast<int64_t>(bins.values.size()) + 1;
      require(!layer_.built() || layer_.mode_ == "int" || width == layer_.width(), kWhere,
              "a layer that others are built on must keep its number of bins, ", layer_.width(), ". Got ", width,
              " from these values: adapt it first, then build on it.");
      layer_.boundaries_ = std::move(bins.values);
    }

   private:
    DiscretizationLayer& layer_;
    Sketch sketch_;
  };

  Encoding encoding() const {
    return mode_ == "one_hot" ? Encoding::OneHot : mode_ == "multi_hot" ? Encoding::MultiHot : Encoding::Count;
  }
  int64_t width() const { return boundaries_.empty() ? bins_ : static_cast<int64_t>(boundaries_.size()) + 1; }

  std::vector<float> boundaries_;
  int64_t bins_ = 0;
  double epsilon_;
  std::string mode_;
};

const RegisterLayer<DiscretizationLayer> registered{
    "Discretization",
    {},
    {Config::object({{"bin_boundaries", Config::List{0.0, 1.0}}}),
     Config::object({{"bin_boundaries", Config::List{0.0, 1.0}}, {"output_mode", "count"}})}};

}  // namespace
}  // namespace batchwise
