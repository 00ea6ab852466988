// CTC: minus the log of the probability of all alignments of a label sequence with the predictions over time.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/known_keys.h"
#include "training/losses/builder.h"
#include "training/losses/labels.h"

#include <batchwise/loss.h>
#include <batchwise/losses.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "CTC";
constexpr double kNever = -std::numeric_limits<double>::infinity();

double log_add(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == kNever ? a : a + std::log1p(std::exp(b - a));
}

// Class 0 is the blank; in the targets it fills up the end. Predictions are logits of shape (time, classes).
class CtcLoss : public Loss {
 public:
  explicit CtcLoss(const Config& config) : Loss(config) { require_known_keys(config, kClass, {"name", "reduction"}); }
  std::string_view class_name() const override { return kClass; }
  Config config() const override { return base_config("ctc"); }
  Shape value_shape(const Shape& target, const Shape& prediction) const override {
    require(target.rank() == 1 && prediction.rank() == 2, kClass,
            "targets must be labels of shape (length), predictions logits of shape (time, classes) per sample. Got ",
            target, " and ", prediction, ".");
    return {};
  }
  int64_t scratch(const Shape& target, const Shape& prediction) const override {
    return 8 * (prediction.count() + (prediction[0] + 2) * states(target));
  }

  void compute(const LossCall& call) const override {
    const int64_t labels = call.target_shape[0], time = call.prediction_shape[0], classes = call.prediction_shape[1];
    Work work;
    work.logs = static_cast<double*>(call.scratch);
    work.alpha = work.logs + time * classes;
    work.beta = work.alpha + time * states(call.target_shape);
    for (int64_t row = 0; row < call.rows; ++row) {
      work.length = length_of(call, row);
      work.labels = call.targets + row * labels;
      log_softmax(call.predictions + row * time * classes, time, classes, work.logs);
      const double total = forward(work, time, classes);
      call.values[row] = static_cast<float>(-total);
      if (!call.gradient) continue;
      backward(work, time, classes, total, call.factors[row], call.gradient + row * time * classes);
    }
  }

 private:
  struct Work {
    double *logs, *alpha, *beta;  // (time, classes), (time, states), two lines of states
    const float* labels;
    int64_t length;
    int64_t states() const { return 2 * length + 1; }
    int64_t class_of(int64_t state) const { return state % 2 == 0 ? 0 : static_cast<int64_t>(labels[state / 2]); }
    // A blank between two labels may be left out unless they are equal.
    bool may_skip(int64_t state) const {
      return state % 2 == 1 && state >= 3 && class_of(state) != class_of(state - 2);
    }
  };
  static int64_t states(const Shape& target) { return 2 * target.count() + 1; }

  static int64_t length_of(const LossCall& call, int64_t row) {
    const int64_t labels = call.target_shape[0], classes = call.prediction_shape[1];
    int64_t length = 0;
    for (int64_t i = 0; i < labels; ++i) {
      if (checked_label(call, row * labels + i, labels, classes, kClass) == 0) continue;
      require(length == i, kClass,
              "label 0 is the blank and only fills up the end of a target. Got a label behind it in ",
              call.samples ? "sample " : "row ", call.samples ? call.samples[row] : row, ".");
      ++length;
    }
    return length;
  }

  static void log_softmax(const float* x, int64_t time, int64_t classes, double* out) {
    for (int64_t t = 0; t < time; ++t, x += classes, out += classes) {
      const double top = *std::max_element(x, x + classes);
      double sum = 0;
      for (int64_t c = 0; c < classes; ++c) sum += std::exp(x[c] - top);
      const double shift = top + std::log(sum);
      for (int64_t c = 0; c < classes; ++c) out[c] = x[c] - shift;
    }
  }

  // alpha(t, s): log probability of all ways to stand at state s at time t, that time's emission included.
  static double forward(const Work& work, int64_t time, int64_t classes) {
    const int64_t n = work.states();
    for (int64_t t = 0; t < time; ++t) {
      const double *now = work.logs + t * classes, *before = work.alpha + (t - 1) * n;
      double* here = work.alpha + t * n;
      for (int64_t s = 0; s < n; ++s) {
        double ways = t > 0 ? before[s] : s < 2 ? 0 : kNever;
        if (t > 0 && s >= 1) ways = log_add(ways, before[s - 1]);
        if (t > 0 && work.may_skip(s)) ways = log_add(ways, before[s - 2]);
        here[s] = ways + now[work.class_of(s)];
      }
    }
    const double* last = work.alpha + (time - 1) * n;
    return n > 1 ? log_add(last[n - 1], last[n - 2]) : last[0];
  }

  // d loss / d logit(t, c) = softmax(t, c) - the probability of standing at a state of class c at time t.
  static void backward(const Work& work, int64_t time, int64_t classes, double total, float factor, float* gradient) {
    const int64_t n = work.states();
    double *here = work.beta, *after = work.beta + n;
    for (int64_t t = time; t-- > 0; std::swap(here, after)) {
      const double* next = work.logs + (t + 1) * classes;
      float* out = gradient + t * classes;
      for (int64_t c = 0; c < classes; ++c) out[c] = factor * static_cast<float>(std::exp(work.logs[t * classes + c]));
      for (int64_t s = 0; s < n; ++s) {
        double ways = t + 1 == time ? (s >= n - 2 ? 0 : kNever) : after[s] + next[work.class_of(s)];
        if (t + 1 < time && s + 1 < n) ways = log_add(ways, after[s + 1] + next[work.class_of(s + 1)]);
        if (t + 1 < time && s + 2 < n && work.may_skip(s + 2))
          ways = log_add(ways, after[s + 2] + next[work.class_of(s + 2)]);
        here[s] = ways;
        const double share = work.alpha[t * n + s] + ways - total;
        if (share > kNever) out[work.class_of(s)] -= factor * static_cast<float>(std::exp(share));
      }
    }
  }
};

const Register<Loss, CtcLoss> registered{kClass, {"ctc"}};

}  // namespace

Spec CTC(const LossOptions& options) { return loss_spec(kClass, options); }

}  // namespace batchwise
