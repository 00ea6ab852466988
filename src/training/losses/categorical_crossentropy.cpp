// Cross-entropy between class distributions, on probabilities or logits; exact on logits when it stands behind a
// softmax.
#include "base/known_keys.h"
#include "training/losses/builder.h"
#include "training/losses/exponentials.h"
#include "training/losses/logistic.h"
#include "training/losses/pairing.h"

#include <batchwise/loss.h>
#include <batchwise/losses.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "CategoricalCrossentropy";

class CategoricalCrossentropyLoss : public Loss {
 public:
  explicit CategoricalCrossentropyLoss(const Config& config)
      : Loss(config),
        from_logits_(config.get("from_logits", false)),
        smoothing_(read_label_smoothing(config, kClass)),
        axis_(config.get("axis", -1)) {
    require_known_keys(config, kClass, {"name", "reduction", "from_logits", "label_smoothing", "axis"});
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config("categorical_crossentropy");
    config.set("from_logits", from_logits_);
    config.set("label_smoothing", smoothing_);
    config.set("axis", axis_);
    return config;
  }
  Shape value_shape(const Shape& target, const Shape& prediction) const override {
    require(target == prediction, kClass, "targets are distributions of the shape of the predictions, ", prediction,
            ". Got ", target, ". For labels as whole numbers use SparseCategoricalCrossentropy.");
    return without_axis(prediction, axis_, kClass);
  }
  // A softmax runs over the last axis: only there the two are one function.
  Head fuses_with() const override { return from_logits_ || axis_ != -1 ? Head::None : Head::Softmax; }
  void compute(const LossCall& call) const override {
    const AxisView view = axis_view(call.prediction_shape, axis_, kClass);
    const float* input = call.logits ? call.logits : call.predictions;
    const bool on_logits = call.logits || from_logits_;
    for (int64_t o = 0; o < call.rows * view.outer; ++o)
      for (int64_t i = 0; i < view.inner; ++i) {
        const int64_t base = o * view.size * view.inner + i, v = o * view.inner + i;
        const Line line{call.targets + base, input + base, call.gradient ? call.gradient + base : nullptr, view.size,
                        view.inner};
        const float factor = call.gradient ? call.factors[v] : 0;
        call.values[v] = on_logits ? with_logits(line, factor) : with_probabilities(line, factor);
      }
  }

 private:
  struct Line {
    const float *targets, *input;
    float* gradient;
    int64_t size, stride;
  };

  float smoothed(float t, int64_t classes) const {
    return t * (1 - smoothing_) + smoothing_ / static_cast<float>(classes);
  }

  // A line without gaps: exponentials go where the gradient will be.
  float with_row_of_logits(const Line& line, float factor) const {
    const float top = largest_of(line.input, line.size);
    const double total = exponentials(line.input, top, line.gradient, line.size);
    double targets = 0, dot = 0;
    for (int64_t s = 0; s < line.size; ++s) {
      const float t = smoothed(line.targets[s], line.size);
      targets += t;
      if (t != 0) dot += static_cast<double>(t) * (line.input[s] - top);  // 0 times a logit of -inf is 0
    }
    if (line.gradient) {
      const float scale = static_cast<float>(targets / total) * factor;
      for (int64_t s = 0; s < line.size; ++s)
        line.gradient[s] = scale * line.gradient[s] - factor * smoothed(line.targets[s], line.size);
    }
    return static_cast<float>(targets * std::log(total) - dot);
  }

  float with_logits(const Line& line, float factor) const {
    if (line.stride == 1) return with_row_of_logits(line, factor);
    float top = line.input[0];
    for (int64_t s = 1; s < line.size; ++s) top = std::fmax(top, line.input[s * line.stride]);
    double total = 0, targets = 0, dot = 0;
    for (int64_t s = 0; s < line.size; ++s) {
      const float x = line.input[s * line.stride] - top, t = smoothed(line.targets[s * line.stride], line.size);
      total += std::exp(x);
      targets += t;
      if (t != 0) dot += static_cast<double>(t) * x;  // 0 times a logit of -inf is 0
    }
    if (line.gradient) {
      const float scale = static_cast<float>(targets / total);
      for (int64_t s = 0; s < line.size; ++s)
        line.gradient[s * line.stride] = factor * (scale * std::exp(line.input[s * line.stride] - top) -
                                                   smoothed(line.targets[s * line.stride], line.size));
    }
    return static_cast<float>(targets * std::log(total) - dot);
  }

  // Probabilities are divided by their sum, then clipped, as in Keras.
  float with_probabilities(const Line& line, float factor) const {
    double sum = 0, loss = 0, inside = 0;
    for (int64_t s = 0; s < line.size; ++s) sum += line.input[s * line.stride];
    for (int64_t s = 0; s < line.size; ++s) {
      const float q = static_cast<float>(line.input[s * line.stride] / sum),
                  t = smoothed(line.targets[s * line.stride], line.size);
      loss -= static_cast<double>(t) * std::log(clip_probability(q));
      if (is_unclipped(q)) inside += t;
    }
    if (line.gradient)
      for (int64_t s = 0; s < line.size; ++s) {
        const float q = static_cast<float>(line.input[s * line.stride] / sum),
                    t = smoothed(line.targets[s * line.stride], line.size);
        line.gradient[s * line.stride] = factor * static_cast<float>((inside - (is_unclipped(q) ? t / q : 0.0f)) / sum);
      }
    return static_cast<float>(loss);
  }

  bool from_logits_;
  float smoothing_;
  int64_t axis_;
};

const Register<Loss, CategoricalCrossentropyLoss> registered{
    kClass,
    {"categorical_crossentropy", "cce", "CCE"},
    {Config(Config::Object{}), Config::object({{"from_logits", true}, {"label_smoothing", 0.1}})}};

}  // namespace

Spec CategoricalCrossentropy(const CategoricalCrossentropyOptions& options) {
  return loss_spec(
      kClass, options,
      {{"from_logits", options.from_logits}, {"label_smoothing", options.label_smoothing}, {"axis", options.axis}});
}

}  // namespace batchwise
