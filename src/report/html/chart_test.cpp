// Pictures: well-formed whatever the values are, and drawn where the values say.
#include "report/html/chart.h"

#include <cmath>

#include <gtest/gtest.h>

#include "report/html/figure.h"
#include "report/html/table.h"
#include "report/html/well_formed_test.h"

namespace batchwise {
namespace {

const double kNan = std::nan("");

Chart chart_of(const std::vector<Point>& points) {
  return {.x = {.title = "samples", .unit = Unit::Count},
          .y = {.title = "loss"},
          .series = {{.name = "a & b", .points = points, .dots = true}},
          .marks = {}};
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
  return found;
}

TEST(Chart, ValuesThatAreMissingOrNotFiniteAreDrawnAsGaps) {
  const double infinity = INFINITY;
  for (const std::vector<Point>& points : {std::vector<Point>{},
                                           {{1, 2}},
                                           {{1, kNan}},
                                           {{kNan, 1}},
                                           {{1, 2}, {2, kNan}, {3, 4}},
                                           {{1, infinity}, {2, 5}},
                                           {{1, 1, kNan, 2}},
                                           {{1, 1, -infinity, infinity}},
                                           {{0, 0}, {0, 0}},
                                           {{1e300, -1e300}, {2e300, 1e300}},
                                           {{1, -5, -6, -4}, {2, 3, 2, 4}}})
    for (const bool logarithmic : {false, true})
      for (const bool stacked : {false, true})
        for (const Bounds bounds : {Bounds::Band, Bounds::Whiskers}) {
          Chart chart = chart_of(points);
          chart.x.logarithmic = chart.y.logarithmic = logarithmic;
          chart.stacked = stacked;
          chart.series[0].bounds = bounds;
          chart.marks = {{Mark::Across::X, 1.5, "<here>", 1, 2}, {Mark::Across::Y, kNan, "nowhere"}};
          const std::string html = figure_html({"f", "A \"title\"", "", {{"by <samples>", chart}, {"by time", chart}}});
          const Markup markup = read_markup(html);
          EXPECT_EQ(markup.fault, "") << html;
          EXPECT_EQ(html.find("nan"), std::string::npos) << html;
          EXPECT_EQ(html.find("inf"), std::string::npos) << html;
        }
}

TEST(Chart, NothingToDrawIsSaid) {
  EXPECT_TRUE(nothing_to_draw(chart_of({})));
  EXPECT_TRUE(nothing_to_draw(chart_of({{1, kNan}})));
  EXPECT_FALSE(nothing_to_draw(chart_of({{1, 0}})));
  EXPECT_NE(figure_html({"f", "t", "", {{"", chart_of({})}}}).find("no values to draw"), std::string::npos);
}

TEST(Chart, ALineIsBrokenWhereAValueIsMissing) {
  const std::string svg = chart_svg(chart_of({{1, 2}, {2, 3}, {3, kNan}, {4, 1}}), "label");
  const size_t line = svg.find("class=\"line");
  const std::string path = svg.substr(line, svg.find("/>", line) - line);
  EXPECT_EQ(count(path, "M"), 2u) << path;
  EXPECT_EQ(count(svg, "<circle"), 3u);
}

TEST(Chart, PlacesFollowTheValues) {
  Chart chart = chart_of({{0, 0}, {50, 1}, {100, 2}});
  chart.series[0].dots = false;
  chart.x.from_zero = chart.y.from_zero = true;
  const std::string svg = chart_svg(chart, "label");
  EXPECT_NE(svg.find("d=\"M0 260h0L500 "), std::string::npos) << svg;
  EXPECT_NE(svg.find("data-x=\"50\""), std::string::npos) << svg;
}

TEST(Chart, StackedAreasLieUponEachOther) {
  Chart chart{.x = {.labels = {"one", "two"}},
              .y = {.unit = Unit::Bytes, .from_zero = true},
              .series = {},
              .marks = {},
              .stacked = true};
  chart.series = {{.name = "low", .points = {{0, 100}, {1, 100}}}, {.name = "high", .points = {{0, 50}, {1, 0}}}};
  const std::vector<Reading> all = readings(chart, 10);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].text, "one\ntogether: 150 B\nlow: 100 B\nhigh: 50 B");
  EXPECT_EQ(all[1].text, "two\ntogether: 100 B\nlow: 100 B");
  EXPECT_EQ(count(chart_svg(chart, ""), "class=\"area"), 2u);
}

TEST(Chart, AReadingSaysAllThatIsAtItsPlaceAndTheLastIsAlwaysThere) {
  Chart chart = chart_of({});
  for (int i = 0; i <= 1000; ++i) chart.series[0].points.push_back({.x = i * 1.0, .y = i * 0.5, .note = "epoch 1"});
  chart.series.push_back(chart.series[0]);
  chart.series[1].name = "other";
  const std::vector<Reading> all = readings(chart, 100);
  EXPECT_LE(all.size(), 101u);
  EXPECT_EQ(all.back().text, "samples 1,000\na & b: 500\nother: 500\nepoch 1");
  EXPECT_EQ(all.back().points.size(), 2u);
}

TEST(Chart, AReadingSaysWhatALineShowsBetweenItsPoints) {
  Chart chart = chart_of({{0, 1}, {10, 2}});
  chart.series.push_back({.name = "b", .points = {{5, 7}}});
  chart.series.push_back({.name = "steps", .points = {{4, 3}, {6, 9}}, .steps = true});
  const std::vector<Reading> all = readings(chart, 100);
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[2].text, "samples 5\na & b: ≈ 1.5\nb: 7\nsteps: ≈ 3");
  EXPECT_EQ(all[4].text, "samples 10\na & b: 2");
}

TEST(Chart, ManyPointsKeepTheirSpikes) {
  Chart chart = chart_of({});
  chart.series[0].dots = false;
  for (int i = 0; i < 100000; ++i) chart.series[0].points.push_back({i * 1.0, i == 54321 ? 100.0 : 1.0});
  const std::string svg = chart_svg(chart, "label");
  EXPECT_LT(svg.size(), 60000u);
  const double top = 260 * (1 - (100 - 0.0) / (100 + 99 * 0.06));
  EXPECT_NE(svg.find(" " + std::to_string(top).substr(0, 4)), std::string::npos) << top;
}

TEST(Table, TheNumbersBehindAPictureHaveARowForEachPlace) {
  Chart chart = chart_of({{1, 0.5, 0.25, 0.75}, {2, 1}});
  chart.series.push_back({.name = "b", .points = {{2, 3}}});
  const Table table = chart_table(chart);
  EXPECT_EQ(table.head, (std::vector<std::string>{"samples", "a & b", "b"}));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"1", "0.5 (0.25 to 0.75)", ""}));
  EXPECT_EQ(table.rows[1], (std::vector<std::string>{"2", "1", "3"}));
}

TEST(Bars, AreAsLongAsTheirShareOfTheMost) {
  const std::string html =
      bars_html("b", "Bytes", "", {{"a<", 50, "50 B", 0}, {"b", 100, "100 B", 1}, {"c", kNan, "?", 2}});
  EXPECT_EQ(read_markup(html).fault, "");
  EXPECT_NE(html.find("width=\"50%\""), std::string::npos) << html;
  EXPECT_EQ(read_markup(bars_html("b", "none", "", {})).fault, "");
}

}  // namespace
}  // namespace batchwise
