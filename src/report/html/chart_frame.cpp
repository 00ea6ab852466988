// What lies around the values of a picture.
#include "report/html/chart_frame.h"

#include <algorithm>
#include <cmath>

#include "report/html/markup.h"

namespace batchwise {
namespace {

constexpr double kCharacter = 1.9;   // percent of the width of a picture in two columns
constexpr double kLastPlace = 97.5;  // percent: beyond it a text would leave the picture
constexpr double kNarrower = 1.5;    // than that a picture on a phone is

std::string text_svg(const std::string& attributes, const std::string& text) {
  return "<text " + attributes + ">" + escaped(text) + "</text>\n";
}

std::string across_line(const std::string& name, double y) {
  return "<line class=\"" + name + "\" x1=\"0\" x2=\"100%\" y1=\"" + coordinate(y) + "\" y2=\"" + coordinate(y) +
         "\"/>\n";
}

std::string up_line(const std::string& name, double percent) {
  return "<line class=\"" + name + "\" x1=\"" + coordinate(percent) + "%\" x2=\"" + coordinate(percent) +
         "%\" y1=\"0\" y2=\"" + coordinate(kHeight) + "\"/>\n";
}

std::string anchor_at(double percent) { return percent > kLastPlace ? "end" : percent < 2 ? "start" : "middle"; }

}  // namespace

std::string frame_svg(const Axis& x, const Axis& y, const Frame& frame) {
  std::string text;
  for (const double mark : frame.up.marks(5)) {
    const double at = frame.height(mark);
    text += across_line("grid", at);
    text +=
        text_svg("class=\"tick\" x=\"-8\" y=\"" + coordinate(at + 4) + "\" text-anchor=\"end\"", axis_text(y, mark));
  }
  text += across_line("axis", kHeight);
  const std::vector<double> marks = frame.along.marks(6);
  // Texts that would touch are left out: on a narrow page more of them.
  double end = -100, narrow_end = -100;
  for (const double mark : marks) {
    const double at = frame.across(mark);
    text += "<line class=\"axis\" x1=\"" + coordinate(at) + "%\" x2=\"" + coordinate(at) + "%\" y1=\"" +
            coordinate(kHeight) + "\" y2=\"" + coordinate(kHeight + 5) + "\"/>\n";
    const std::string words = axis_text(x, mark);
    const double half = static_cast<double>(words.size()) * kCharacter / 2;
    const double middle = at > kLastPlace ? at - half : at;  // its text ends at the mark
    if (middle - half < end) continue;
    end = middle + half + kCharacter;
    const bool narrow = middle - kNarrower * half >= narrow_end;
    if (narrow) narrow_end = middle + kNarrower * (half + kCharacter);
    text += text_svg("class=\"tick" + std::string(narrow ? "" : " spare") + "\" x=\"" + coordinate(at) + "%\" y=\"" +
                         coordinate(kHeight + 20) + "\" text-anchor=\"" + anchor_at(at) + "\"",
                     words);
  }
  text += text_svg("class=\"title\" x=\"100%\" y=\"" + coordinate(kHeight + 38) + "\" text-anchor=\"end\"", x.title);
  if (!y.title.empty()) text += text_svg("class=\"title\" x=\"-50\" y=\"-12\"", y.title);
  return text;
}

std::string mark_svg(const Mark& mark, const Frame& frame, int row) {
  const bool up = mark.axis == Mark::Across::X;
  const Scale& scale = up ? frame.along : frame.up;
  if (!scale.shows(mark.at)) return "";
  std::string text;
  if (scale.shows(mark.low) && scale.shows(mark.high)) {
    const double low = std::clamp(scale.place(mark.low), 0.0, 1.0), high = std::clamp(scale.place(mark.high), 0.0, 1.0);
    text += "<rect class=\"mark\" ";
    if (up)
      text += "x=\"" + coordinate(100 * low) + "%\" width=\"" + coordinate(100 * (high - low)) +
              "%\" y=\"0\" height=\"" + coordinate(kHeight) + "\"/>\n";
    else
      text += "x=\"0\" width=\"100%\" y=\"" + coordinate(kHeight * (1 - high)) + "\" height=\"" +
              coordinate(kHeight * (high - low)) + "\"/>\n";
  }
  if (up) {
    const double at = frame.across(mark.at);
    text += up_line("mark", at);
    const bool left = at > 60;
    return text + text_svg("class=\"mark\" x=\"" + coordinate(at) + "%\" dx=\"" + (left ? "-6" : "6") + "\" y=\"" +
                               std::to_string(12 + 15 * row) + "\" text-anchor=\"" + (left ? "end" : "start") + "\"",
                           mark.text);
  }
  const double at = frame.height(mark.at);
  return text + across_line("mark", at) +
         text_svg("class=\"mark\" x=\"100%\" dx=\"-4\" y=\"" + coordinate(at < 18 ? at + 14 : at - 6) +
                      "\" text-anchor=\"end\"",
                  mark.text);
}

}  // namespace batchwise
