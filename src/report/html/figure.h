// A figure: a title, what it says, one or several views of a picture to choose from, and the table behind each.
#pragma once

#include <string>
#include <vector>

#include "report/html/chart.h"

namespace batchwise {

struct View {
  std::string name;  // of the choice: "by samples"
  Chart chart;
};

struct Figure {
  std::string key;  // unique on the page: letters, digits and hyphens
  std::string title;
  std::string note;  // a sentence below the title; may be empty
  std::vector<View> views;
};

std::string figure_html(const Figure& figure);

// A row of horizontal bars, each with its text and value.
struct Bar {
  std::string name;
  double value = 0;
  std::string text;
  int colour = 0;
};
std::string bars_html(const std::string& key, const std::string& title, const std::string& note,
                      const std::vector<Bar>& bars);

}  // namespace batchwise
