// What was recommended.
#include "report/html/advice.h"

#include "report/html/lookup.h"
#include "report/html/markup.h"
#include "report/html/quantity.h"

namespace batchwise {

std::string choice_text(const Config& choice) {
  std::string text;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
  };
  if (const auto batch = number_of(choice, "batch_size")) add("batch size " + show(*batch, Unit::Count));
  if (const auto rate = number_of(choice, "learning_rate")) add("learning rate " + show(*rate, Unit::Number));
  add(text_of(choice, "optimizer"));
  return text;
}

std::string advice_html(const Config& record) {
  const Config* advice = part_of(record, "recommendation");
  if (!advice) return "";
  std::string choice = choice_text(*advice);
  if (!choice.empty() && choice[0] == 'b') choice[0] = 'B';
  std::string text = "<div class=\"advice\">\n<p class=\"choice\">" + escaped(choice) + "</p>\n";
  if (const std::string schedule = text_of(*advice, "schedule"); !schedule.empty() && schedule != "none")
    text += "<p>Schedule: " + escaped(schedule) + "</p>\n";
  if (const std::string goal = text_of(*advice, "goal"); !goal.empty()) text += "<p>Goal: " + escaped(goal) + "</p>\n";
  if (const auto& reasons = list_of(*advice, "reasons"); !reasons.empty()) {
    text += "<ul>\n";
    for (const Config& reason : reasons) text += "<li>" + escaped(shown(reason)) + "</li>\n";
    text += "</ul>\n";
  }
  if (const Config* runner_up = part_of(*advice, "runner_up")) {
    std::string costs = text_of(*runner_up, "costs");
    for (const Config& reason : list_of(*runner_up, "reasons")) costs += (costs.empty() ? "" : "; ") + shown(reason);
    // Reasons of a tune begin with the pair themselves.
    const std::string second =
        costs.starts_with("batch size") ? costs : choice_text(*runner_up) + (costs.empty() ? "" : ": " + costs);
    text += "<p>Runner-up: " + escaped(second) + "</p>\n";
  }
  if (const std::string sure = text_of(*advice, "sure"); !sure.empty())
    text += "<p>How sure it is: " + escaped(sure) + "</p>\n";
  return text + "</div>\n";
}

}  // namespace batchwise
