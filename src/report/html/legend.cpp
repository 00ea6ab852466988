// The key of a picture: which colour and stroke is which series.
#include "report/html/chart.h"
#include "report/html/markup.h"

namespace batchwise {

std::string chart_legend(const Chart& chart) {
  if (chart.series.size() < 2) return "";
  std::string text = "<ul class=\"legend\">\n";
  for (const Series& series : chart.series) {
    std::string style =
        "c" + std::to_string(series.colour) + (series.dashed ? " dashed" : "") + (series.faint ? " faint" : "");
    std::string sample;
    if (chart.stacked) sample = "<rect class=\"area " + style + "\" width=\"22\" height=\"10\"/>";
    else if (series.line) sample = "<path class=\"line " + style + "\" d=\"M0 5h22\"/>";
    if (series.dots && !chart.stacked) sample += "<circle class=\"dot " + style + "\" cx=\"11\" cy=\"5\" r=\"3.5\"/>";
    text += "<li><svg width=\"22\" height=\"10\" aria-hidden=\"true\">" + sample + "</svg> " + escaped(series.name) +
            "</li>\n";
  }
  return text + "</ul>\n";
}

}  // namespace batchwise
