// One HTML file that needs nothing beside it.
#pragma once

#include <string>
#include <vector>

namespace batchwise {

struct Fact {
  std::string name, value, note;
};

struct Section {
  std::string key, title, html;  // an empty one is left out
};

struct Page {
  std::string kind;                   // "Training run"
  std::string title;                  // "mlp on fashion-mnist"
  std::string state;                  // "finished"
  bool settled = true;                // false: the state needs attention
  std::vector<std::string> troubles;  // what could not be read, or is not as it should be
  std::vector<Fact> facts;            // the headline
  std::vector<Section> sections;
  std::string foot;
};

std::string page_html(const Page& page);

// The sentences as paragraphs.
std::string paragraphs(const std::vector<std::string>& sentences);

const char* page_style();   // CSS
const char* page_script();  // JavaScript: adds what reading without it can do without

}  // namespace batchwise
