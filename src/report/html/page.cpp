// One HTML file that needs nothing beside it.
#include "report/html/page.h"

#include "report/html/markup.h"

namespace batchwise {
namespace {

std::string navigation(const Page& page) {
  std::string text = "<nav aria-label=\"Sections\"><ul>\n";
  for (const Section& section : page.sections)
    if (!section.html.empty()) text += "<li><a href=\"#" + section.key + "\">" + escaped(section.title) + "</a></li>\n";
  return text + "</ul></nav>\n";
}

std::string headline(const Page& page) {
  std::string text = "<header>\n<div class=\"top\"><p class=\"kind\">" + escaped(page.kind) +
                     "</p><button type=\"button\" id=\"theme\" hidden=\"hidden\">Dark</button></div>\n<h1>" +
                     escaped(page.title) + "</h1>\n";
  if (!page.state.empty())
    text += "<p class=\"state" + std::string(page.settled ? "" : " open") + "\">" + escaped(page.state) + "</p>\n";
  if (!page.troubles.empty()) {
    text += "<div class=\"troubles\" role=\"note\"><p>Read this with care:</p><ul>\n";
    for (const std::string& trouble : page.troubles) text += "<li>" + escaped(trouble) + "</li>\n";
    text += "</ul></div>\n";
  }
  if (!page.facts.empty()) {
    text += "<dl class=\"facts\">\n";
    for (const Fact& fact : page.facts) {
      text += "<div><dt>" + escaped(fact.name) + "</dt><dd>" + escaped(fact.value);
      if (!fact.note.empty()) text += "<small>" + escaped(fact.note) + "</small>";
      text += "</dd></div>\n";
    }
    text += "</dl>\n";
  }
  return text + "</header>\n";
}

}  // namespace

std::string paragraphs(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += "<p>" + escaped(sentence) + "</p>\n";
  return text;
}

std::string page_html(const Page& page) {
  std::string text =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"/>\n<meta name=\"color-scheme\" content=\"light "
      "dark\"/>\n<title>" +
      escaped(page.title) + " – batchwise</title>\n<link rel=\"icon\" href=\"data:,\"/>\n<style>\n" + page_style() +
      "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<div class=\"page\">\n" +
      headline(page) + navigation(page) + "<main id=\"main\">\n";
  for (const Section& section : page.sections) {
    if (section.html.empty()) continue;
    text += "<section id=\"" + section.key + "\" aria-labelledby=\"" + section.key + "-heading\">\n<h2 id=\"" +
            section.key + "-heading\">" + escaped(section.title) + "</h2>\n" + section.html + "</section>\n";
  }
  return text + "</main>\n<footer><p>" + escaped(page.foot) +
         "</p></footer>\n</div>\n<div id=\"tip\" role=\"status\" aria-live=\"polite\" "
         "hidden=\"hidden\"></div>\n<script>\n" +
         page_script() + "</script>\n</body>\n</html>\n";
}

}  // namespace batchwise
