// Folders of runs made by hand, for tests of reports.
#pragma once

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include <batchwise/config.h>

#include "report/event_log.h"
#include "report/events.h"
#include "report/idle_run.h"
#include "report/plan_record.h"

namespace batchwise {

inline Plan sample_plan() {
  Plan plan;
  plan.batch_size = 64;
  plan.grain = 8;
  plan.grains = 8;
  plan.blocks = 4;
  plan.gradient_sums = 2;
  plan.lanes = 2;
  for (int c = 0; c < kByteClasses; ++c) plan.bytes.of[c] = 100000 * (c + 1);
  plan.peak_bytes = plan.bytes.total();
  plan.budget_bytes = 64 << 20;
  plan.smallest_budget = 2 << 20;
  plan.reasons = {"a grain of 8 <fits> the cache"};
  for (const char* label :
       {"fetch input", "forward dense", "forward dense_1", "loss", "backward dense_1", "backward dense"}) {
    PlannedMoment moment{label, plan.bytes};
    moment.live[ByteClass::Activations] = 50000 * static_cast<int64_t>(plan.moments.size() + 1);
    plan.moments.push_back(moment);
  }
  plan.buffers = {{"dense output", ByteClass::Activations, 0, 40000, 1, 5, 2}};
  return plan;
}

inline void write_text(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

// A run of `epochs` epochs as train writes it. `name` stands wherever a name may.
inline void write_sample_run(const std::string& folder, int epochs, bool finished, const std::string& name = "mlp") {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const Config settings = Config::object({{"model", name},
                                          {"data", "fashion-mnist"},
                                          {"batch_size", 64},
                                          {"epochs", 4},
                                          {"learning_rate", Config()},
                                          {"metrics", Config::List{"accuracy"}},
                                          {"seed", "0"}});
  write_text(folder + "/run.json", json_line(Config::object({{"format", 1},
                                                             {"batchwise", "0.1.0"},
                                                             {"settings", settings},
                                                             {"plan", plan_event(sample_plan())},
                                                             {"memory", memory_record(sample_plan())}})));
  IdleRun run;
  EventLog log(folder + "/events.jsonl");
  log.on_plan(sample_plan());
  log.on_train_begin({}, run);
  for (int epoch = 0; epoch < epochs; ++epoch) {
    log.on_epoch_begin(epoch, run);
    for (int step = 0; step < 5; ++step) {
      run.at.updates += 1;
      run.at.samples += 64;
      run.at.seconds += 0.5;
      log.on_train_batch_end(step, {{"loss", 2.0 / static_cast<double>(run.at.updates)}}, run);
    }
    run.at.batch_size = epoch < 2 ? 64 : 128;
    run.noise = NoiseScale{.value = 100.0 * (epoch + 1), .low = 80.0 * (epoch + 1), .high = 130.0 * (epoch + 1)};
    Logs logs{{"accuracy", 0.5 + 0.1 * epoch},
              {"loss", 1.0 / (epoch + 1)},
              {name, 1.5},
              {"val_accuracy", 0.4 + 0.1 * epoch},
              {"val_loss", epoch == 1 ? std::nan("") : 0.9}};
    log.on_epoch_end(epoch, logs, run);
  }
  log.append(Config::object({{"event", "batch_size"},
                             {"updates", 10},
                             {"samples", 640},
                             {"from", 64},
                             {"to", 128},
                             {"why", "plateau of " + name}}));
  if (!finished) return;
  History history;
  history.pipeline = {
      {.name = "map " + name, .workers = 2, .depth = 4, .elements = 320, .work_seconds = 3, .waited_seconds = 1}};
  history.data_seconds = 1;
  history.samples_per_second = 1234;
  log.append(pipeline_event(history));
  log.append(end_event(history, {.peak_rss_bytes = 3 << 20, .weights_sha256 = "0123456789abcdef"}));
  write_text(folder + "/history.json", "{}");
}

}  // namespace batchwise
