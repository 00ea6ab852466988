// A plan in words and numbers: bytes by class, what holds the peak, what would make it fit.
#include "plan/explanation.h"

#include <algorithm>
#include <cstdio>

#include <batchwise/byte_size.h>

#include "base/number_text.h"
#include "base/padded.h"

namespace batchwise {
namespace {

constexpr const char* kClassNames[kByteClasses] = {"weights", "gradients", "optimizer", "activations",
                                                   "scratch", "pipeline",  "library"};

std::string count_of(int64_t count, const std::string& noun) {
  return grouped_digits(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string percent(int64_t part, int64_t whole) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%",
                whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0.0);
  return text;
}

std::string row(const std::string& name, int64_t bytes, int64_t peak) {
  return "  " + padded(name, 13, Aligned::Left) + padded(show_byte_size(bytes), 12, Aligned::Right) +
         padded(percent(bytes, peak), 9, Aligned::Right) + "\n";
}

std::string cut_line(const Plan& plan) {
  std::string text = "batch size " + grouped_digits(plan.batch_size) + " = " + count_of(plan.grains, "grain") + " of " +
                     grouped_digits(plan.grain) + " in " + count_of(plan.blocks, "block") + ", " +
                     count_of(plan.gradient_sums, "gradient sum") + ", " + count_of(plan.lanes, "lane") + ", " +
                     count_of(plan.stages, "stage");
  if (!plan.instruction_set.empty()) text += ", " + plan.instruction_set;
  return text + "\n";
}

std::string recompute_lines(const Plan& plan) {
  if (plan.recomputed.empty()) return "";
  char share[32];
  std::snprintf(share, sizeof share, "%.0f %%", 100 * plan.recompute_share);
  std::string text = "Computed again on the way back (" + std::string(share) + " more work): ";
  constexpr size_t kShown = 6;
  for (size_t i = 0; i < std::min(kShown, plan.recomputed.size()); ++i)
    text += (i == 0 ? "" : ", ") + plan.recomputed[i];
  if (plan.recomputed.size() > kShown) text += " and " + std::to_string(plan.recomputed.size() - kShown) + " more";
  return text + "\n";
}

std::string fit_line(const Plan& plan) {
  if (plan.smallest_budget <= 0) return "";
  const std::string smallest = byte_size_option(plan.smallest_budget);
  std::string text = "Budget " + show_byte_size(plan.budget_bytes) + ": ";
  if (plan.budget_bytes >= plan.peak_bytes) {
    text += show_byte_size(plan.budget_bytes - plan.peak_bytes) + " to spare. The smallest that fits is " + smallest +
            ", with the same results.\n";
    if (plan.roomy_budget > plan.budget_bytes)
      text += "With " + show_byte_size(plan.roomy_budget - plan.budget_bytes) + " more (--memory " +
              byte_size_option(plan.roomy_budget) + ") a step would be fastest: all lanes, nothing computed again.\n";
    return text;
  }
  return text + "does not fit. The smallest that fits is " + smallest +
         ", with the same results; fewer lanes or a smaller grain need less.\n";
}

}  // namespace

const char* name_of(ByteClass byte_class) { return kClassNames[static_cast<int>(byte_class)]; }

int64_t ByteCounts::total() const {
  int64_t sum = 0;
  for (int64_t bytes : of) sum += bytes;
  return sum;
}

int peak_moment(const Plan& plan) {
  int best = -1;
  for (size_t i = 0; i < plan.moments.size(); ++i)
    if (best < 0 || plan.moments[i].live.total() > plan.moments[static_cast<size_t>(best)].live.total())
      best = static_cast<int>(i);
  return best;
}

std::vector<PlannedBuffer> largest_buffers(const Plan& plan, int moment, size_t count) {
  std::vector<PlannedBuffer> live;
  for (const PlannedBuffer& buffer : plan.buffers)
    if (buffer.bytes > 0 && buffer.first_step <= moment && moment <= buffer.last_step) live.push_back(buffer);
  std::stable_sort(live.begin(), live.end(), [](const PlannedBuffer& a, const PlannedBuffer& b) {
    return a.bytes * a.copies > b.bytes * b.copies;
  });
  if (live.size() > count) live.resize(count);
  return live;
}

std::string plan_table(const Plan& plan) {
  std::string text = cut_line(plan);
  for (int c = 0; c < kByteClasses; ++c) text += row(kClassNames[c], plan.bytes.of[c], plan.peak_bytes);
  text += row("peak", plan.peak_bytes, plan.peak_bytes);
  const int moment = peak_moment(plan);
  if (moment >= 0) {
    text += "Most is held at: " + plan.moments[static_cast<size_t>(moment)].label + "\n";
    for (const PlannedBuffer& buffer : largest_buffers(plan, moment, 5)) {
      text += "  " + padded(show_byte_size(buffer.bytes * buffer.copies), 12, Aligned::Right) + "  " + buffer.name;
      if (buffer.copies > 1) text += " (" + std::to_string(buffer.copies) + " of " + show_byte_size(buffer.bytes) + ")";
      text += "\n";
    }
  }
  text += recompute_lines(plan);
  for (const std::string& reason : plan.reasons) text += "Why: " + reason + "\n";
  return text + fit_line(plan);
}

std::ostream& operator<<(std::ostream& out, const Plan& plan) {
  return out << plan_table(plan) << plan_picture(plan, 72);
}

}  // namespace batchwise
