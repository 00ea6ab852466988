// Where the bytes of a run lie.
#include "report/html/memory_section.h"

#include <algorithm>

#include <batchwise/byte_size.h>

#include "plan/explanation.h"
#include "report/html/figure.h"
#include "report/html/markup.h"
#include "report/html/quantity.h"

namespace batchwise {
namespace {

// From what is held all the time to what comes and goes: the lowest areas are flat.
constexpr ByteClass kOrder[kByteClasses] = {ByteClass::Library,   ByteClass::Pipeline,  ByteClass::Weights,
                                            ByteClass::Optimizer, ByteClass::Gradients, ByteClass::Activations,
                                            ByteClass::Scratch};

int colour_of(ByteClass byte_class) {
  switch (byte_class) {
    case ByteClass::Library: return 6;
    case ByteClass::Pipeline: return 5;
    case ByteClass::Weights: return 0;
    case ByteClass::Optimizer: return 7;
    case ByteClass::Gradients: return 4;
    case ByteClass::Activations: return 1;
    case ByteClass::Scratch: return 2;
  }
  return 6;
}

std::string largest(const Plan& plan, int moment) {
  std::string text;
  for (const PlannedBuffer& buffer : largest_buffers(plan, moment, 4))
    text += (text.empty() ? "largest: " : ", ") + buffer.name + " " + show_byte_size(buffer.bytes * buffer.copies);
  return text;
}

// Fetching, forward, loss, backward: where a step passes from one to the next.
std::vector<Mark> phases(const Plan& plan) {
  std::vector<Mark> marks;
  std::string before;
  for (size_t i = 0; i < plan.moments.size(); ++i) {
    const std::string& label = plan.moments[i].label;
    const std::string phase = label.substr(0, label.find(' '));
    if (phase != before && (phase == "forward" || phase == "backward"))
      marks.push_back({Mark::Across::X, static_cast<double>(i), phase});
    before = phase;
  }
  return marks.size() <= 2 ? marks : std::vector<Mark>{};  // of several stages: too many to read
}

Chart step_chart(const Plan& plan, bool library) {
  Chart chart{.x = {.title = "moment of the step", .from_zero = true},
              .y = {.title = "bytes held", .unit = Unit::Bytes, .from_zero = true},
              .series = {},
              .marks = phases(plan),
              .stacked = true};
  for (const PlannedMoment& moment : plan.moments) chart.x.labels.push_back(moment.label);
  for (const ByteClass byte_class : kOrder) {
    if (byte_class == ByteClass::Library && !library) continue;
    Series series{.name = name_of(byte_class), .colour = colour_of(byte_class), .points = {}, .steps = true};
    for (size_t i = 0; i < plan.moments.size(); ++i)
      series.points.push_back(
          {.x = static_cast<double>(i), .y = static_cast<double>(plan.moments[i].live[byte_class])});
    const auto& points = series.points;
    if (std::any_of(points.begin(), points.end(), [](const Point& point) { return point.y > 0; }))
      chart.series.push_back(std::move(series));
  }
  if (!chart.series.empty())
    for (size_t i = 0; i < plan.moments.size(); ++i)
      chart.series[0].points[i].note = largest(plan, static_cast<int>(i));
  return chart;
}

// The library's bytes are the same all the time and may be most of all: the rest is shown alone first.
Figure over_the_step(const Plan& plan) {
  const PlannedMoment& peak = plan.moments[static_cast<size_t>(peak_moment(plan))];
  Figure figure{"memory-step",
                "Memory over one step, as planned",
                "Most is held at: " + peak.label + ", " + show_byte_size(peak.live.total()) +
                    ". Point at a moment, or use the arrow keys, to see what lives then.",
                {}};
  if (peak.live[ByteClass::Library] > 0) figure.views.push_back({"without the library", step_chart(plan, false)});
  figure.views.push_back({"all", step_chart(plan, true)});
  return figure;
}

std::string by_class(const Plan& plan) {
  std::vector<Bar> bars;
  for (const ByteClass byte_class : kOrder)
    if (const int64_t bytes = plan.bytes[byte_class]; bytes > 0)
      bars.push_back({name_of(byte_class), static_cast<double>(bytes), show_byte_size(bytes), colour_of(byte_class)});
  std::stable_sort(bars.begin(), bars.end(), [](const Bar& a, const Bar& b) { return a.value > b.value; });
  return bars_html("memory-class", "Bytes by class",
                   "They add up to the planned peak, " + show_byte_size(plan.peak_bytes) + ".", bars);
}

std::string against_plan(const Plan& plan, double measured) {
  std::vector<Bar> bars;
  const auto bar = [&](const char* name, double bytes, int colour) {
    if (bytes > 0) bars.push_back({name, bytes, show(bytes, Unit::Bytes), colour});
  };
  bar("smallest budget that fits", static_cast<double>(plan.smallest_budget), 6);
  bar("planned peak", static_cast<double>(plan.peak_bytes), kPlannedColour);
  bar("measured peak of the process", measured, kMeasuredColour);
  bar("budget", static_cast<double>(plan.budget_bytes), 6);
  return bars_html("memory-peak", "Peak against plan", "The results are the same in any budget that fits.", bars);
}

}  // namespace

std::string memory_section(const Plan& plan, double measured) {
  if (plan.peak_bytes <= 0 && plan.moments.empty()) return "";
  std::string text;
  if (!plan.moments.empty()) text += figure_html(over_the_step(plan));
  text += "<div class=\"grid\">\n" + by_class(plan) + against_plan(plan, measured) + "</div>\n";
  return text + "<h3>The plan in words</h3>\n<pre>" + escaped(plan_table(plan)) + "</pre>\n";
}

}  // namespace batchwise
