// Normalization: (x - mean) / deviation, with statistics that are given or learned from data before training.
#include <algorithm>
#include <cmath>

#include "kernels/standardization.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "Normalization";

// Sums of the elements that share a mean, by Chan's rule: exact to rounding however the samples are split.
struct Moments {
  std::vector<double> mean, squares;
  double count = 0;
};

class NormalizationLayer final : public Layer {
 public:
  explicit NormalizationLayer(const Config& config) : invert_(config.get("invert", false)) {
    require_known_keys(kWhere, config, {"axis", "mean", "variance", "invert"});
    const Config* axis = config.find("axis");
    if (!axis) axes_ = {-1};
    else if (axis->is_list())
      for (const Config& one : axis->as_list()) axes_.push_back(one.as_int("Normalization.axis"));
    else if (!axis->is_null()) axes_ = {axis->as_int("Normalization.axis")};
    for (const char* key : {"mean", "variance"})
      if (const Config* given = config.find(key)) given_.set(key, *given);
    mean_ = numbers(config, "mean");
    variance_ = numbers(config, "variance");
    require(mean_.empty() == variance_.empty(), kWhere, "mean and variance must be given together. Got only ",
            mean_.empty() ? "variance." : "mean.");
    require(mean_.size() == variance_.size(), kWhere, "mean and variance must be of one length. Got ", mean_.size(),
            " and ", variance_.size(), ".");
    for (const float variance : variance_)
      require(variance >= 0, kWhere, "variance must not be negative. Got ", variance, ".");
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override {
    Config::List axes;
    for (const int64_t axis : axes_) axes.emplace_back(axis);
    Config config = Config::object({{"axis", axes}, {"invert", invert_}});
    for (const char* key : {"mean", "variance"}) {
      const Config* given = given_.find(key);
      config.set(key, given ? *given : Config());
    }
    return config;
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input(kWhere, inputs);
    const int64_t count = kept_shape(shape).count();
    require(mean_.empty() || mean_.size() == 1 || static_cast<int64_t>(mean_.size()) == count, kWhere,
            "mean must be one number or one for each place along axis. Got ", mean_.size(), " for ", count, ".");
    return {shape};
  }
  std::vector<VariableSpec> variables(const Shapes& inputs) const override {
    if (!mean_.empty()) return {};
    const Shape kept = kept_shape(inputs.front());
    return {{.name = "mean", .shape = kept, .initializer = "Zeros", .trainable = false},
            {.name = "variance", .shape = kept, .initializer = "Ones", .trainable = false},
            {.name = "count", .shape = {}, .initializer = "Zeros", .trainable = false}};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(input);
    require(type.dtype == DType::Float32, kWhere, "the input must be float32. Got ", type.dtype, ".");
    StandardizationRules rules{places(type.shape), invert_};
    if (mean_.empty())
      return lowering.add(make_standardization_kernel(std::move(rules), {}, {}, type, lowering.grain()), {input},
                          {"mean", "variance"});
    const auto count = static_cast<size_t>(kept_shape(type.shape).count());
    const auto spread = [&](const std::vector<float>& values) {
      return values.size() == count ? values : std::vector<float>(count, values.front());
    };
    return lowering.add(
        make_standardization_kernel(std::move(rules), spread(mean_), spread(variance_), type, lowering.grain()),
        {input});
  }
  std::unique_ptr<Adaptation> adapt() override {
    require(mean_.empty(), kWhere, "adapt is refused where mean and variance are arguments.");
    return std::make_unique<Measuring>(*this);
  }

 private:
  class Measuring final : public Adaptation {
   public:
    explicit Measuring(NormalizationLayer& layer) : layer_(layer) {}
    void see(const Array& samples) override {
      require(samples.shape().rank() >= 1, kWhere, "adapt takes samples (N, ...). Got one number.");
      const Shape sample = samples.shape().without_batch();
      if (!seen_) sample_ = sample;
      require(!std::exchange(seen_, true) || sample == sample_, kWhere, "samples must have one shape, ", sample_,
              ". Got ", sample, ".");
      const std::vector<int32_t> places = layer_.places(sample);
      const auto kept = static_cast<size_t>(layer_.kept_shape(sample).count());
      const Array values = samples.cast(DType::Float64);
      Moments fresh{std::vector<double>(kept), std::vector<double>(kept), 0};
      fresh.count = kept ? static_cast<double>(values.count()) / static_cast<double>(kept) : 0;
      if (fresh.count == 0) return;
      const auto each = [&](auto body) {
        for (int64_t i = 0; i < values.count(); ++i)
          body(static_cast<size_t>(places[static_cast<size_t>(i) % places.size()]), values.data<double>()[i]);
      };
      each([&](size_t place, double value) { fresh.mean[place] += value; });
      for (double& mean : fresh.mean) mean /= fresh.count;
      each([&](size_t place, double value) {
        const double away = value - fresh.mean[place];
        fresh.squares[place] += away * away;
      });
      add(fresh);
    }
    void finish() override {
      require(moments_.count > 0, kWhere, "adapt needs at least one sample. Got none.");
      layer_.build({sample_});
      std::vector<float> mean, variance;
      for (size_t i = 0; i < moments_.mean.size(); ++i) {
        mean.push_back(static_cast<float>(moments_.mean[i]));
        variance.push_back(static_cast<float>(moments_.squares[i] / moments_.count));
      }
      const auto own = layer_.own_weights();
      for (const auto& variable : own) require(!variable->held, kWhere, "adapt must not run while the model trains.");
      own[0]->value = std::move(mean);
      own[1]->value = std::move(variance);
      own[2]->value = {0};  // Keras keeps no count of what it saw
      for (const auto& variable : own) variable->measured = true;
    }

   private:
    void add(const Moments& fresh) {
      if (moments_.count == 0) {
        moments_ = fresh;
        return;
      }
      const double all = moments_.count + fresh.count;
      for (size_t i = 0; i < fresh.mean.size(); ++i) {
        const double apart = fresh.mean[i] - moments_.mean[i];
        moments_.mean[i] += apart * fresh.count / all;
        moments_.squares[i] += fresh.squares[i] + apart * apart * moments_.count * fresh.count / all;
      }
      moments_.count = all;
    }

    NormalizationLayer& layer_;
    Shape sample_;
    bool seen_ = false;
    Moments moments_;
  };

  static std::vector<float> numbers(const Config& config, const char* key) {
    const Config* given = config.find(key);
    std::vector<float> values;
    if (!given || given->is_null()) return values;
    add_numbers(*given, std::string("Normalization.") + key, values);
    require(!values.empty(), kWhere, key, " must not be empty. Got [].");
    return values;
  }
  static void add_numbers(const Config& given, const std::string& path, std::vector<float>& values) {
    if (!given.is_list()) values.push_back(static_cast<float>(given.as_number(path)));
    else
      for (const Config& item : given.as_list()) add_numbers(item, path, values);
  }

  std::vector<int> sample_axes(const Shape& shape) const {
    std::vector<int> axes;
    for (const int64_t axis : axes_) axes.push_back(sample_axis(kWhere, axis, shape.rank()));
    std::sort(axes.begin(), axes.end());
    require(std::adjacent_find(axes.begin(), axes.end()) == axes.end(), kWhere,
            "axis must name every axis once. Got one twice.");
    return axes;
  }
  Shape kept_shape(const Shape& shape) const {
    std::vector<int64_t> dims;
    for (const int axis : sample_axes(shape)) dims.push_back(shape[axis]);
    return Shape(std::span<const int64_t>(dims));
  }
  // Which mean each element takes, for the elements from the first axis that is kept on: then they repeat.
  std::vector<int32_t> places(const Shape& shape) const {
    const std::vector<int> axes = sample_axes(shape);
    if (axes.empty()) return {0};
    int64_t count = 1;
    for (int axis = axes.front(); axis < shape.rank(); ++axis) count *= shape[axis];
    std::vector<int32_t> all(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i) {
      int64_t rest = i, place = 0, stride = 1;
      for (int axis = shape.rank() - 1; axis >= axes.front(); --axis) {
        const int64_t at = rest % shape[axis];
        rest /= shape[axis];
        if (!std::binary_search(axes.begin(), axes.end(), axis)) continue;
        place += at * stride;
        stride *= shape[axis];
      }
      all[static_cast<size_t>(i)] = static_cast<int32_t>(place);
    }
    return all;
  }

  std::vector<int64_t> axes_;
  Config given_ = Config(Config::Object{});  // mean and variance as they were written: lists may be nested
  std::vector<float> mean_, variance_;
  bool invert_;
};

const RegisterLayer<NormalizationLayer> registered{
    "Normalization",
    {},
    {Config(Config::Object{}), Config::object({{"axis", Config()}}),
     Config::object({{"mean", 2.0}, {"variance", 4.0}, {"invert", true}})}};

}  // namespace
}  // namespace batchwise
