// Whole pages: self-contained, well-formed, and made of whatever a folder has left.
#include "report/html/report.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include <gtest/gtest.h>

#include <batchwise/error.h>

#include "formats/json/json.h"
#include "report/html/sample_run_test.h"
#include "report/html/well_formed_test.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNasty = "<script>alert('1')</script>\"&\x01\xff";

struct Report : testing::Test {
  void SetUp() override {
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }

  // Reads it strictly; returns the visible text.
  static std::string expect_whole(const std::string& page) {
    Markup markup = read_markup(page);
    EXPECT_EQ(markup.fault, "");
    EXPECT_GT(markup.elements, 20u);
    std::sort(markup.ids.begin(), markup.ids.end());
    const auto twice = std::adjacent_find(markup.ids.begin(), markup.ids.end());
    EXPECT_EQ(twice, markup.ids.end()) << *twice;
    for (const std::string& link : markup.links) {
      if (link == "data:,") continue;
      EXPECT_TRUE(link.starts_with("#") && std::binary_search(markup.ids.begin(), markup.ids.end(), link.substr(1)))
          << link;
    }
    for (const char* outside : {"http:", "https:", "url(", "@import", "<link rel=\"stylesheet\"", "src="})
      EXPECT_EQ(page.find(outside), std::string::npos) << outside;
    EXPECT_EQ(page.find("alert('1')</script>"), std::string::npos);
    return markup.text;
  }
  static void expect_said(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
  std::string sample(const char* kind) const { return std::string(BATCHWISE_SOURCE_DIR "/tests/report/") + kind; }

  std::string folder = testing::TempDir() + "html_report_test";
};

TEST_F(Report, OfARunTellsAllThatIsKnown) {
  write_sample_run(folder, 4, true);
  const std::string page = html_report(folder), text = expect_whole(page);
  for (const char* part : {"mlp on fashion-mnist", "finished", "1,234", "3.00 MiB", "plan: 2.67 MiB",
                           "Validation accuracy is best in epoch 4: 0.7000", "After epoch 4: 400 (320-520) samples.",
                           "The batch size is below it", "moment of the step", "forward dense_1",
                           "dense output 78.1 KiB", "Bytes by class", "a grain of 8 &lt;fits&gt; the cache",
                           "map mlp: the next one waited", "Training waited for samples 10 % of the time",
                           "Learning rate: 0.25 throughout.", "plateau of mlp", "0123456789abcdef"})
    expect_said(text, part);
  for (const char* by : {"by samples", "by updates", "by time", "without the library"}) expect_said(text, by);
}

TEST_F(Report, OfARunThatIsNotFinishedSaysSo) {
  write_sample_run(folder, 2, false);
  const std::string text = expect_whole(html_report(folder));
  expect_said(text, "Not finished: 2 of 4 epochs. batchwise resume continues it.");
  expect_said(text, "Validation accuracy is best in epoch 2");
  write_sample_run(folder, 0, false);
  expect_said(expect_whole(html_report(folder)), "No epoch has ended yet.");
}

TEST_F(Report, OfADamagedRunTellsWhatIsLeft) {
  write_sample_run(folder, 3, true);
  fs::resize_file(folder + "/events.jsonl", fs::file_size(folder + "/events.jsonl") - 30);
  expect_said(expect_whole(html_report(folder)), "The last line of events.jsonl is cut off.");
  {
    std::ofstream log(folder + "/events.jsonl", std::ios::app);
    log << "\n{\"event\":7}\n[]\n{\"event\":\"epoch\"}\n{\"event\":\"steps\",\"epoch\":1,\"points\":[1,[2]]}\n\xff\n";
  }
  expect_said(expect_whole(html_report(folder)), "3 lines of events.jsonl could not be read");
  write_text(folder + "/run.json", "{\"format\":1,\"settings\":5,\"plan\":\"x\",\"memory\":[]}");
  std::string text = expect_whole(html_report(folder));
  expect_said(text, "Validation accuracy is best in epoch 3");
  write_text(folder + "/run.json", "{\"format\":1,");
  expect_said(expect_whole(html_report(folder)), "run.json is damaged");
  fs::remove(folder + "/run.json");
  expect_said(expect_whole(html_report(folder)), "run.json is not there.");
  write_sample_run(folder, 3, true);
  fs::remove(folder + "/events.jsonl");
  expect_said(expect_whole(html_report(folder)), "there are no curves");
}

TEST_F(Report, WhatFilesHoldNeverBecomesMarkup) {
  write_sample_run(folder, 3, true, kNasty);
  expect_said(expect_whole(html_report(folder)), "&lt;script&gt;alert('1')&lt;/script&gt;");
  expect_whole(html_comparison({folder, folder}));
  for (const char* kind : {"sweep", "tune"}) {
    const std::string file = std::string(kind) + ".json";
    std::string record = read_json(sample(kind) + "/" + file).text();
    for (const char* word : {"adam", "fastest", "fashion-mnist", "infeasible"})
      for (size_t at = 0; (at = record.find(word, at)) != std::string::npos; ++at)
        record.replace(at, std::string(word).size(), "<script>alert('1')</script>&\\\"");
    fs::remove_all(folder);
    fs::create_directories(folder);
    write_text(folder + "/" + file, record);
    expect_said(expect_whole(html_report(folder)), "&lt;script&gt;alert('1')&lt;/script&gt;");
  }
}

TEST_F(Report, ARunOfAnEarlierVersionIsDrawnOverItsEpochs) {
  write_sample_run(folder, 0, false);
  write_text(folder + "/run.json",
             "{\"format\":1,\"settings\":{\"model\":\"m.keras\",\"data\":\"d\"},\"plan\":{\"peak_bytes\":1048576,"
             "\"bytes\":{\"weights\":1048576}}}");
  write_text(folder + "/events.jsonl",
             "{\"event\":\"plan\"}\n{\"event\":\"epoch\",\"epoch\":1,\"loss\":2.0}\n{\"event\":\"epoch\",\"epoch\":2,"
             "\"loss\":\"nan\"}\n");
  const std::string text = expect_whole(html_report(folder));
  expect_said(text, "epoch 1\ntraining: 2.0000");
  expect_said(text, "weights");
}

TEST_F(Report, OfASweepComparesBatchSizesAndRecommends) {
  const std::string text = expect_whole(html_report(sample("sweep")));
  for (const char* part :
       {"Batch size 512, learning rate 0.004, adam", "Runner-up: batch size 128",
        "Validation accuracy against batch size", "Generalisation gap", "Time to the target", "Samples to the target",
        "Updates to the target", "critical batch, adam: 423", "critical batch, sgd: 411", "train.validation_split",
        "Updates against samples", "95 % intervals over seeds", "needs 140 MiB, the budget is 64 MiB",
        "the loss must be finite", "Memory per batch size"})
    expect_said(text, part);
}

TEST_F(Report, OfATuneBeginsWithTheRecommendation) {
  const std::string text = expect_whole(html_report(sample("tune")));
  for (const char* part : {"Batch size 512, learning rate 0.002", "Learning-rate range", "chosen 0.001",
                           "Speed per batch size", "Memory per batch size", "does not fit the budget",
                           "Loss of the branches", "812 (701 to 960)", "How sure it is", "mlp on fashion-mnist",
                           "256, learning rate 0.0014: 1.08 times the time", "48.5 s", "All 15 branches"})
    expect_said(text, part);
  EXPECT_LT(text.find("Recommendation"), text.find("What was measured"));
}

TEST_F(Report, OfATuneLeavesOutWhatNobodyGave) {
  const std::string page = html_report(sample("tune"));
  EXPECT_NE(page.find(">validation_split<"), std::string::npos);
  EXPECT_EQ(page.find(">epochs<"), std::string::npos);
  EXPECT_EQ(page.find(">batch_size<"), std::string::npos);
}

TEST_F(Report, ARunnerUpIsNamedOnce) {
  write_text(folder + "/run.json", "{\"format\":1,\"kind\":\"tune\"}");
  write_text(folder + "/tune.json",
             "{\"kind\":\"tune\",\"recommendation\":{\"batch_size\":32,\"runner_up\":{\"batch_size\":64,"
             "\"learning_rate\":0.01,\"reasons\":[\"batch size 64 at learning rate 0.01 was worse\"]}}}");
  expect_said(expect_whole(html_report(folder)), "Runner-up: batch size 64 at learning rate 0.01 was worse");
}

TEST_F(Report, NumbersAreNeverBrokenInTwo) {
  write_sample_run(folder, 4, true);
  EXPECT_NE(html_report(folder).find("<th scope=\"row\" class=\"short\">10</th><td class=\"short\">640</td>"),
            std::string::npos);
}

TEST_F(Report, ANoiseScaleThatWasNotToldBreaksItsLine) {
  const auto strokes = [&] {
    const std::string page = html_report(folder), begin = "<path class=\"band c2\" d=\"";
    const size_t at = page.find(begin, page.find("id=\"noise\""));
    EXPECT_NE(at, std::string::npos);
    const std::string path = page.substr(at + begin.size(), page.find('"', at + begin.size()) - at - begin.size());
    return std::count(path.begin(), path.end(), 'M');
  };
  write_sample_run(folder, 4, true);
  EXPECT_EQ(strokes(), 1);
  std::ifstream log(folder + "/events.jsonl");
  std::string kept;
  for (std::string line; std::getline(log, line);)
    if (line.find("\"noise_scale\"") == std::string::npos || line.find("\"epoch\":2") == std::string::npos)
      kept += line + "\n";
  write_text(folder + "/events.jsonl", kept);
  EXPECT_EQ(strokes(), 2);
}

TEST_F(Report, OfATuneThatHasOnlyBegunSaysSo) {
  write_text(folder + "/run.json",
             "{\"format\":1,\"kind\":\"tune\",\"settings\":{\"model\":\"cnn\",\"data\":\"mnist\"}}");
  const std::string text = expect_whole(html_report(folder));
  for (const char* part : {"cnn on mnist", "there is no recommendation yet", "tune.json is not there."})
    expect_said(text, part);
}

TEST_F(Report, OfSeveralRunsLaysThemOverOneAnother) {
  write_sample_run(folder + "/a", 4, true);
  write_sample_run(folder + "/b", 2, false, "cnn");
  const std::string text = expect_whole(html_comparison({folder + "/a", folder + "/b"}));
  for (const char* part : {"Comparison of 2 runs", "b is not finished.", "Validation accuracy, best",
                           "0.7000 (epoch 4)", "0.5000 (epoch 2)", "Settings that differ", "model", "cnn"})
    expect_said(text, part);
  expect_whole(html_comparison({folder + "/a", folder + "/a", folder + "/b"}));
}

TEST_F(Report, AFolderWithoutAnyOfThemIsRefused) {
  EXPECT_THROW(html_report(folder), Error);
  EXPECT_THROW(html_report(folder + "/missing"), Error);
  write_text(folder + "/file", "x");
  EXPECT_THROW(html_report(folder + "/file"), Error);
  EXPECT_THROW(html_comparison({folder, folder}), Error);
}

// Every value of a record, in turn, is something else.
void each_mutation(const Config& value, const std::function<void(const Config&)>& seen) {
  static const Config others[] = {Config(), Config("<&\""), Config(1e300), Config(Config::Object{})};
  for (const Config& other : others) seen(other);
  if (value.is_list()) {
    Config::List list = value.as_list();
    for (Config& item : list) {
      const Config kept = item;
      each_mutation(kept, [&](const Config& changed) {
        item = changed;
        seen(list);
      });
      item = kept;
    }
  } else if (value.is_object()) {
    Config::Object object = value.as_object();
    for (auto& [key, item] : object) {
      const Config kept = item;
      each_mutation(kept, [&](const Config& changed) {
        item = changed;
        seen(Config(object));
      });
      item = kept;
    }
  }
}

TEST_F(Report, ARecordWithAnyValueReplacedStillHasAPage) {
  for (const char* kind : {"sweep", "tune"}) {
    const std::string file = "/" + std::string(kind) + ".json";
    Config record = read_json(sample(kind) + file);
    const auto shorten = [](Config& holder, const char* key, size_t most) {
      if (const Config* list = holder.find(key)) {
        Config::List items = list->as_list();
        if (items.size() > most) items.resize(most);
        holder.set(key, items);
      }
    };
    for (const char* key : {"cells", "plans", "speeds", "branches"}) shorten(record, key, 2);
    if (const Config* cells = record.find("cells")) {
      Config::List shorter = cells->as_list();
      for (Config& cell : shorter) shorten(cell, "epochs", 2);
      record.set("cells", shorter);
    }
    int pages = 0;
    each_mutation(record, [&](const Config& changed) {
      write_text(folder + file, changed.text());
      const Markup markup = read_markup(html_report(folder));
      ASSERT_EQ(markup.fault, "") << changed.text();
      ++pages;
    });
    EXPECT_GT(pages, 300) << kind;
    fs::remove(folder + file);
  }
}

}  // namespace
}  // namespace batchwise
