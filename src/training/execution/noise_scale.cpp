// The gradient noise scale, estimated.
//
// A batch of N samples falls into k grains of n_i samples. With G the expected gradient and T the trace of the samples'
// covariance, the mean gradient g_i of a grain and g of the batch have E|g_i|^2 = |G|^2 + T/n_i and
// E|g|^2 = |G|^2 + T/N. So A = sum of n_i |g_i|^2 has E A = N|G|^2 + kT, and
//   T' = (A - N|g|^2) / (k - 1)   and   |g|^2 - T'/N
// are unbiased for T and |G|^2. The noise scale is the ratio of their means over updates.
#include "training/execution/noise_scale.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/student_t.h"

namespace batchwise {
namespace {

constexpr double kSquareBytesPerSecond = 40e9;  // that a core adds squares at, of gradients it has just made
constexpr double kPassesBeside = 3;
constexpr double kShareOfStep = 0.01;
constexpr int64_t kMostBetween = 48;

}  // namespace

void NoiseEstimate::add(double spread, double gradient) {
  weight_ = kKept * weight_ + 1;
  squared_weight_ = kKept * kKept * squared_weight_ + 1;
  const double spread_step = spread - spread_, gradient_step = gradient - gradient_;
  spread_ += spread_step / weight_;
  gradient_ += gradient_step / weight_;
  spread2_ = kKept * spread2_ + spread_step * (spread - spread_);
  gradient2_ = kKept * gradient2_ + gradient_step * (gradient - gradient_);
  product_ = kKept * product_ + spread_step * (gradient - gradient_);
}

// Of d = spread - r gradient the mean is zero at the true ratio r, whatever the two are: the interval holds the r at
// which the mean of d is within its own t-interval around zero, the solutions of a quadratic inequality.
std::optional<NoiseScale> NoiseEstimate::read() const {
  const double count = squared_weight_ > 0 ? weight_ * weight_ / squared_weight_ : 0;
  if (count < kLeastUpdates || !(gradient_ > 0) || !(spread_ > 0)) return std::nullopt;
  const double t = student_t_quantile(0.975, count - 1);
  // (weighted variance, made unbiased) * (variance of a weighted mean)
  const double q = t * t / (weight_ - squared_weight_ / weight_) * squared_weight_ / (weight_ * weight_);
  const double a = gradient_ * gradient_ - q * gradient2_;
  const double b = gradient_ * spread_ - q * product_;
  const double c = spread_ * spread_ - q * spread2_;
  const double root = b * b - a * c;
  if (!(a > 0) || !(root >= 0)) return std::nullopt;  // the gradient may as well be zero
  NoiseScale scale;
  scale.value = spread_ / gradient_;
  scale.low = (b - std::sqrt(root)) / a;
  scale.high = (b + std::sqrt(root)) / a;
  scale.spread = spread_;
  scale.gradient = gradient_;
  scale.updates = count;
  if (!(scale.low > 0) || !(scale.high <= kWidest * scale.low)) return std::nullopt;
  return scale;
}

std::vector<double> NoiseEstimate::state() const {
  return {weight_, squared_weight_, spread_, gradient_, spread2_, gradient2_, product_};
}

void NoiseEstimate::restore(const double* numbers) {
  for (double* value : {&weight_, &squared_weight_, &spread_, &gradient_, &spread2_, &gradient2_, &product_})
    *value = *numbers++;
}

NoiseMeter::NoiseMeter(const NoiseSlots& slots, int64_t population)
    : names_(slots.names), population_(population), slots_(slots.names.size() > 1 ? slots.names.size() : 0) {}

void NoiseMeter::add(const NoiseTerms& terms) {
  if (terms.grains < 2 || names_.empty()) return;
  const double samples = static_cast<double>(terms.samples);
  // A batch of the whole data set has its gradient exactly: nothing of the spread is in it.
  const double drawn = population_ > 1 ? 1 - std::min(1.0, samples / static_cast<double>(population_)) : 1.0;
  const auto told = [&](size_t s) {
    const double spread =
        samples * (samples * terms.grain_squares[s] - terms.squares[s]) / static_cast<double>(terms.grains - 1);
    return std::pair{spread, terms.squares[s] - drawn * spread / samples};
  };
  double all_spread = 0, all_gradient = 0;
  for (size_t s = 0; s < names_.size(); ++s) {
    const auto [spread, gradient] = told(s);
    all_spread += spread;
    all_gradient += gradient;
  }
  if (!std::isfinite(all_spread) || !std::isfinite(all_gradient)) return;  // of all slots or of none
  for (size_t s = 0; s < slots_.size(); ++s) {
    const auto [spread, gradient] = told(s);
    slots_[s].add(spread, gradient);
  }
  all_.add(all_spread, all_gradient);
}

std::vector<std::pair<std::string, std::optional<NoiseScale>>> NoiseMeter::by_slot() const {
  std::vector<std::pair<std::string, std::optional<NoiseScale>>> result;
  for (size_t s = 0; s < slots_.size(); ++s) result.emplace_back(names_[s], slots_[s].read());
  return result;
}

std::vector<double> NoiseMeter::state() const {
  std::vector<double> numbers = all_.state();
  for (const NoiseEstimate& slot : slots_)
    for (double number : slot.state()) numbers.push_back(number);
  return numbers;
}

void NoiseMeter::restore(const std::vector<double>& numbers) {
  if (numbers.size() < NoiseEstimate::kNumbers) return;
  all_.restore(numbers.data());
  if (numbers.size() != (1 + slots_.size()) * NoiseEstimate::kNumbers) return;
  for (size_t s = 0; s < slots_.size(); ++s) slots_[s].restore(numbers.data() + (s + 1) * NoiseEstimate::kNumbers);
}

int64_t noise_interval(const GrainFacts& facts, const Grain& grain) {
  // Each lane adds up the squares of its grains' gradients, and its share of the batch's. But for the first of a block,
  // what would have been added as it was made is then written (which reads the place first) and read again.
  const double later = 1 - static_cast<double>(grain.blocks) / static_cast<double>(std::max<int64_t>(1, grain.grains));
  const double squares =
      static_cast<double>(facts.summed_bytes) / kSquareBytesPerSecond *
      (std::ceil(static_cast<double>(grain.grains) / 2) * (1 + kPassesBeside * std::max(0.0, later)) + 0.5);
  const double step = estimated_seconds(facts, grain.samples);
  return std::clamp<int64_t>(static_cast<int64_t>(std::ceil(squares / (kShareOfStep * step))), 1, kMostBetween);
}

}  // namespace batchwise
