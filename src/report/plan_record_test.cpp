// A plan through run.json: the same words and the same picture.
#include "report/plan_record.h"

#include <gtest/gtest.h>

#include <batchwise/error.h>

#include "formats/json/json.h"
#include "report/events.h"

namespace batchwise {
namespace {

Plan some_plan() {
  Plan plan;
  plan.batch_size = 512;
  plan.grain = 16;
  plan.grains = 32;
  plan.blocks = 8;
  plan.gradient_sums = 3;
  plan.lanes = 2;
  for (int c = 0; c < kByteClasses; ++c) plan.bytes.of[c] = 1000 * (c + 1);
  plan.peak_bytes = plan.bytes.total();
  plan.budget_bytes = 64000;
  plan.smallest_budget = 20000;
  plan.roomy_budget = 90000;
  plan.recomputed = {"relu_1"};
  plan.recompute_share = 0.125;
  plan.instruction_set = "avx2";
  plan.reasons = {"a grain of 16: \"fits\" the cache"};
  plan.buffers = {{"conv output", ByteClass::Activations, 0, 400, 0, 1, 2}, {"w", ByteClass::Weights, 0, 100, 0, 2, 1}};
  plan.moments.resize(3);
  for (int i = 0; i < 3; ++i) {
    plan.moments[static_cast<size_t>(i)].label = "forward layer_" + std::to_string(i);
    plan.moments[static_cast<size_t>(i)].live[ByteClass::Activations] = 100 * (i + 1);
  }
  return plan;
}

Config record_of(const Plan& plan) {
  const Config record = Config::object({{"plan", plan_event(plan)}, {"memory", memory_record(plan)}});
  return parse_json(indented_json(record), "run.json");
}

TEST(PlanRecord, AKeptPlanHasTheSameWordsAndTheSamePicture) {
  const Plan plan = some_plan(), kept = plan_of(record_of(plan));
  EXPECT_EQ(plan_table(kept), plan_table(plan));
  EXPECT_EQ(plan_picture(kept, 60), plan_picture(plan, 60));
}

TEST(PlanRecord, ARunOfAnEarlierVersionHasNoMoments) {
  Config record = record_of(some_plan());
  record.erase("memory");
  const Plan kept = plan_of(record);
  EXPECT_EQ(kept.peak_bytes, some_plan().peak_bytes);
  EXPECT_TRUE(kept.moments.empty());
  EXPECT_EQ(plan_of(Config(Config::Object{})).peak_bytes, 0);
}

TEST(PlanRecord, WhatIsNoPlanIsRefused) {
  for (const char* text :
       {R"({"plan":{"peak_bytes":"many"}})", R"({"memory":{"moments":{"labels":["a"],"weights":[]}}})",
        R"({"memory":{"buffers":{"names":["a"],"classes":["x"],"bytes":[1],"first":[0],"last":[0],"copies":[1]}}})",
        R"({"memory":{"reasons":7}})"})
    EXPECT_THROW(plan_of(parse_json(text, "run.json")), Error) << text;
}

}  // namespace
}  // namespace batchwise
