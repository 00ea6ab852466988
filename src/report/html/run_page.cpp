// The report of one training run.
#include "report/html/run_page.h"

#include <algorithm>
#include <cmath>

#include "report/html/figure.h"
#include "report/html/learning_section.h"
#include "report/html/lookup.h"
#include "report/html/memory_section.h"
#include "report/html/profile_section.h"
#include "report/html/progress_axis.h"
#include "report/html/table.h"
#include "training/samples/pipeline_report.h"

namespace batchwise {
namespace {

double seconds_of(const RunReading& run) {
  for (auto epoch = run.epochs.rbegin(); epoch != run.epochs.rend(); ++epoch)
    if (epoch->at) return epoch->at->seconds;
  return 0;
}

std::vector<Fact> headline(const RunReading& run) {
  std::vector<Fact> facts;
  const auto batch = number_of(run.record, "settings.batch_size");
  if (batch)
    facts.push_back({"Batch size", show(*batch, Unit::Count),
                     run.plan.grain > 0 ? "in grains of " + std::to_string(run.plan.grain) : ""});
  const auto epochs = number_of(run.record, "settings.epochs");
  const auto made = std::to_string(run.epochs.size());
  facts.push_back(
      {"Epochs",
       epochs && *epochs != static_cast<double>(run.epochs.size()) ? made + " of " + show(*epochs, Unit::Count) : made,
       ""});
  if (!run.epochs.empty())
    for (const auto& [log, value] : run.epochs.back().logs) {
      if (log == "learning_rate") continue;
      const auto best = best_of(run.epochs, log);
      const bool last = !best || best->epoch == run.epochs.back().epoch;
      facts.push_back(
          {log_title(log), show(value, Unit::Metric),
           last ? "" : "best " + show(best->value, Unit::Metric) + " in epoch " + std::to_string(best->epoch)});
    }
  if (const auto speed = number_of(run.end, "samples_per_second"); speed && *speed > 0)
    facts.push_back({"Samples per second", show(*speed, Unit::Count), "without the first step"});
  const auto peak = number_of(run.end, "peak_rss_bytes");
  if (peak || run.plan.peak_bytes > 0) {
    const std::string planned = show(static_cast<double>(run.plan.peak_bytes), Unit::Bytes);
    facts.push_back({"Peak memory", peak ? show(*peak, Unit::Bytes) : planned, peak ? "plan: " + planned : "planned"});
  }
  if (const double seconds = seconds_of(run); seconds > 0)
    facts.push_back({"Time", show(seconds, Unit::Seconds), "in epochs, validation included"});
  return facts;
}

// Who waited for whom: work of a stage against the waits of the one after it.
std::string pipeline_section(const RunReading& run) {
  std::vector<StageFacts> stages;
  std::vector<Bar> bars;
  Table table{.caption = "Stages that work ahead",
              .head = {"stage", "workers", "depth", "elements", "work of one worker", "the next one waited"},
              .rows = {}};
  for (const Config& stage : list_of(run.pipeline, "stages")) {
    const auto number = [&](const char* key) { return number_of(stage, key).value_or(0); };
    StageFacts facts{.name = text_of(stage, "name"),
                     .workers = static_cast<int64_t>(number("workers")),
                     .depth = static_cast<int64_t>(number("depth")),
                     .chosen = flag_of(stage, "chosen"),
                     .elements = static_cast<int64_t>(number("elements")),
                     .work_seconds = number("work_seconds"),
                     .waited_seconds = number("waited_seconds")};
    const double each = facts.work_seconds / static_cast<double>(std::max<int64_t>(1, facts.workers));
    bars.push_back({facts.name + ": work of one worker", each, show(each, Unit::Seconds), 0});
    bars.push_back(
        {facts.name + ": the next one waited", facts.waited_seconds, show(facts.waited_seconds, Unit::Seconds), 1});
    table.rows.push_back({facts.name, std::to_string(facts.workers) + (facts.chosen ? " (chosen)" : ""),
                          std::to_string(facts.depth), std::to_string(facts.elements), show(each, Unit::Seconds),
                          show(facts.waited_seconds, Unit::Seconds)});
    stages.push_back(std::move(facts));
  }
  if (stages.empty()) return "";
  std::string words =
      pipeline_report(stages, number_of(run.pipeline, "data_seconds").value_or(0), std::max(seconds_of(run), 1e-9));
  if (words.starts_with("[pipeline] ")) words = words.substr(11);
  if (!words.empty()) words[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(words[0])));
  return bars_html("pipeline-waits", "Who waited for whom", words, bars) + table_html(table);
}

// Settings within settings by their path: "train.batch_size".
std::vector<std::pair<std::string, std::string>> flat(const Config& settings) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [key, value] : settings.as_object()) {
    if (!value.is_object()) {
      all.emplace_back(key, shown(value));
      continue;
    }
    for (const auto& [inner, text] : flat(value)) all.emplace_back(key + "." + inner, text);
  }
  return all;
}

std::string unfinished(const RunReading& run) {
  const auto asked = number_of(run.record, "settings.epochs");
  return "Not finished: " + std::to_string(run.epochs.size()) + (asked ? " of " + show(*asked, Unit::Count) : "") +
         (run.epochs.size() == 1 && !asked ? " epoch" : " epochs") + ". batchwise resume continues it.";
}

std::string identity(const RunReading& run) {
  Table table{.caption = "Program, machine and result", .head = {}, .rows = {}, .words = true};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) table.rows.push_back({name, value});
  };
  add("batchwise", text_of(run.record, "batchwise"));
  add("instruction set", text_of(run.record, "instruction_set"));
  add("weights, SHA-256", text_of(run.end, "weights_sha256"));
  for (const Config& resume : list_of(run.record, "resumes")) add("resumed", shown(resume));
  return table.rows.empty() ? "" : table_html(table);
}

}  // namespace

std::string settings_html(const Config& settings, const std::string& caption, const std::vector<std::string>& unused) {
  if (!settings.is_object() || settings.as_object().empty()) return "";
  Table set{.caption = caption, .head = {}, .rows = {}, .words = true},
      rest{.caption = "Left as it is", .head = {}, .rows = {}, .words = true};
  for (const auto& [key, value] : flat(settings)) {
    if (std::find(unused.begin(), unused.end(), key) != unused.end()) continue;
    const bool unset = value.empty() || value == "0" || value == "false";
    (unset && !key.ends_with("seed") ? rest : set).rows.push_back({key, value.empty() ? "–" : value});
  }
  std::string html = table_html(set);
  if (!rest.rows.empty())
    html += "<details><summary>Left as it is: " + std::to_string(rest.rows.size()) + " settings</summary>\n" +
            table_html(rest) + "</details>\n";
  return html;
}

Page run_page(const RunReading& run) {
  static const Config nothing{Config::Object{}};
  const Config* settings = part_of(run.record, "settings");
  Page page;
  page.kind = "Training run · " + run.name;
  page.title = subject_of(settings ? *settings : nothing, run.name);
  page.settled = run.finished;
  page.state = run.finished ? "finished" : unfinished(run);
  page.troubles = run.troubles;
  page.facts = headline(run);
  page.sections = {
      {"learning", "Learning", curves_section(run)},
      {"noise-scale", "Noise scale", noise_section(run)},
      {"course", "Learning rate and batch size", course_section(run)},
      {"memory", "Memory", memory_section(run.plan, number_of(run.end, "peak_rss_bytes").value_or(0))},
      {"time", "Time", profile_section(run.profile)},
      {"pipeline", "Input pipeline", pipeline_section(run)},
      {"settings", "Settings", settings_html(settings ? *settings : nothing, "As in run.json") + identity(run)}};
  page.foot = "Made by batchwise report from " + run.path + ".";
  return page;
}

}  // namespace batchwise
