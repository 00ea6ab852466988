// Figures, as HTML that needs no script: the choice of a view is made of radio buttons and style.
#include "report/html/figure.h"

#include <algorithm>
#include <cmath>

#include "report/html/markup.h"
#include "report/html/table.h"

namespace batchwise {
namespace {

std::string opening(const std::string& key, const std::string& title, const std::string& note) {
  std::string text = "<figure id=\"" + key + "\" aria-labelledby=\"" + key + "-title\">\n<figcaption><h3 id=\"" + key +
                     "-title\">" + escaped(title) + "</h3>";
  if (!note.empty()) text += "<p>" + escaped(note) + "</p>";
  return text + "</figcaption>\n";
}

std::string view_html(const Figure& figure, const View& view) {
  if (nothing_to_draw(view.chart)) return "<p class=\"none\">There are no values to draw.</p>\n";
  std::string label = figure.title;
  if (figure.views.size() > 1) label += ", " + view.name;
  label += ". Arrow keys read the values; they are in the table below, too.";
  return chart_legend(view.chart) + "<div class=\"plot\">\n" + chart_svg(view.chart, label) +
         "</div>\n<details><summary>Numbers</summary>\n" + table_html(chart_table(view.chart)) + "</details>\n";
}

}  // namespace

std::string figure_html(const Figure& figure) {
  std::string text = opening(figure.key, figure.title, figure.note);
  text += "<div class=\"views\">\n";
  if (figure.views.size() > 1) {
    for (size_t i = 0; i < figure.views.size(); ++i) {
      const std::string id = figure.key + "-by-" + std::to_string(i + 1);
      text += "<input type=\"radio\" name=\"" + figure.key + "-by\" id=\"" + id + "\" data-by=\"" +
              escaped(figure.views[i].name) + "\"" + (i == 0 ? " checked=\"checked\"" : "") + "/><label for=\"" + id +
              "\"><span class=\"unseen\">" + escaped(figure.title) + " </span>" + escaped(figure.views[i].name) +
              "</label>\n";
    }
  }
  for (const View& view : figure.views) text += "<div class=\"view\">\n" + view_html(figure, view) + "</div>\n";
  return text + "</div>\n</figure>\n";
}

std::string bars_html(const std::string& key, const std::string& title, const std::string& note,
                      const std::vector<Bar>& bars) {
  double most = 0;
  for (const Bar& bar : bars)
    if (std::isfinite(bar.value)) most = std::max(most, bar.value);
  std::string text = opening(key, title, note);
  constexpr int kRow = 36;
  text += "<svg class=\"bars\" role=\"list\" aria-label=\"" + escaped(title) + "\" width=\"100%\" height=\"" +
          std::to_string(kRow * static_cast<int>(bars.size())) + "\">\n";
  int top = 0;
  for (const Bar& bar : bars) {
    const double share = most > 0 && std::isfinite(bar.value) ? 100 * std::max(0.0, bar.value) / most : 0;
    text += "<g role=\"listitem\"><text class=\"name\" x=\"0\" y=\"" + std::to_string(top + 14) + "\">" +
            escaped(bar.name) + "</text><text class=\"value\" x=\"100%\" y=\"" + std::to_string(top + 14) +
            "\" text-anchor=\"end\">" + escaped(bar.text) + "</text><rect class=\"rail\" x=\"0\" y=\"" +
            std::to_string(top + 20) + "\" width=\"100%\" height=\"8\" rx=\"4\"/><rect class=\"bar c" +
            std::to_string(bar.colour) + "\" x=\"0\" y=\"" + std::to_string(top + 20) + "\" width=\"" +
            coordinate(share) + "%\" height=\"8\" rx=\"4\"/></g>\n";
    top += kRow;
  }
  return text + "</svg>\n</figure>\n";
}

}  // namespace batchwise
