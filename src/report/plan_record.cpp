// A plan as run.json keeps it, and back.
#include "report/plan_record.h"

#include <algorithm>

#include <batchwise/error.h>

namespace batchwise {
namespace {

template <class Items, class Read>
Config column(const Items& items, const Read& read) {
  Config::List list;
  for (const auto& item : items) list.emplace_back(read(item));
  return list;
}

ByteClass class_named(const std::string& name) {
  for (int c = 0; c < kByteClasses; ++c)
    if (name == name_of(static_cast<ByteClass>(c))) return static_cast<ByteClass>(c);
  fail("buffers", "a buffer's class must be one of the classes of bytes. Got \"", name, "\".");
}

const Config::List& list_of(const Config& columns, std::string_view key, size_t size) {
  const Config::List& list = columns.at(key).as_list(key);
  require(list.size() == size, key, "the columns of a plan must have one length, ", size, ". Got ", list.size(), ".");
  return list;
}

int as_step(const Config& value) { return static_cast<int>(std::clamp<int64_t>(value.as_int("step"), 0, 1 << 30)); }

void read_event(const Config& event, Plan& plan) {
  plan.batch_size = event.get("batch_size", 0);
  plan.peak_bytes = event.get("peak_bytes", 0);
  plan.grain = event.get("grain", 0);
  plan.grains = event.get("grains", 0);
  plan.blocks = event.get("blocks", 0);
  plan.gradient_sums = event.get("gradient_sums", 0);
  plan.lanes = as_step(event.get("lanes", 0));
  plan.stages = as_step(event.get("stages", 1));
  plan.arena_bytes = event.get("arena_bytes", 0);
  plan.budget_bytes = event.get("budget_bytes", 0);
  plan.smallest_budget = event.get("smallest_budget", 0);
  plan.roomy_budget = event.get("roomy_budget", 0);
  plan.recompute_share = event.get("recompute_share", 0.0);
  plan.instruction_set = event.get("instruction_set", "");
  if (const Config* bytes = event.find("bytes"))
    for (int c = 0; c < kByteClasses; ++c) plan.bytes.of[c] = bytes->get(name_of(static_cast<ByteClass>(c)), 0);
}

void read_moments(const Config& columns, Plan& plan) {
  const Config::List& labels = columns.at("labels").as_list("labels");
  plan.moments.resize(labels.size());
  for (size_t i = 0; i < labels.size(); ++i) plan.moments[i].label = labels[i].as_string("labels");
  for (int c = 0; c < kByteClasses; ++c) {
    const Config::List& bytes = list_of(columns, name_of(static_cast<ByteClass>(c)), labels.size());
    for (size_t i = 0; i < bytes.size(); ++i) plan.moments[i].live.of[c] = bytes[i].as_int("bytes");
  }
}

void read_buffers(const Config& columns, Plan& plan) {
  const Config::List& names = columns.at("names").as_list("names");
  const Config::List& classes = list_of(columns, "classes", names.size());
  const Config::List& bytes = list_of(columns, "bytes", names.size());
  const Config::List& first = list_of(columns, "first", names.size());
  const Config::List& last = list_of(columns, "last", names.size());
  const Config::List& copies = list_of(columns, "copies", names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    PlannedBuffer buffer{names[i].as_string("names"), class_named(classes[i].as_string("classes"))};
    buffer.bytes = bytes[i].as_int("bytes");
    buffer.first_step = as_step(first[i]);
    buffer.last_step = as_step(last[i]);
    buffer.copies = as_step(copies[i]);
    plan.buffers.push_back(buffer);
  }
}

void read_texts(const Config* list, std::string_view key, std::vector<std::string>& texts) {
  if (!list) return;
  for (const Config& text : list->as_list(key)) texts.push_back(text.as_string(key));
}

}  // namespace

Config memory_record(const Plan& plan) {
  Config moments(Config::Object{});
  moments.set("labels", column(plan.moments, [](const PlannedMoment& m) { return m.label; }));
  for (int c = 0; c < kByteClasses; ++c)
    moments.set(name_of(static_cast<ByteClass>(c)),
                column(plan.moments, [&](const PlannedMoment& m) { return m.live.of[c]; }));
  const Config buffers =
      Config::object({{"names", column(plan.buffers, [](const PlannedBuffer& b) { return b.name; })},
                      {"classes", column(plan.buffers, [](const PlannedBuffer& b) { return name_of(b.byte_class); })},
                      {"bytes", column(plan.buffers, [](const PlannedBuffer& b) { return b.bytes; })},
                      {"first", column(plan.buffers, [](const PlannedBuffer& b) { return b.first_step; })},
                      {"last", column(plan.buffers, [](const PlannedBuffer& b) { return b.last_step; })},
                      {"copies", column(plan.buffers, [](const PlannedBuffer& b) { return b.copies; })}});
  const auto text = [](const std::string& t) { return t; };
  return Config::object({{"moments", moments},
                         {"buffers", buffers},
                         {"reasons", column(plan.reasons, text)},
                         {"recomputed", column(plan.recomputed, text)}});
}

Plan plan_of(const Config& run_record) {
  Plan plan;
  if (const Config* event = run_record.find("plan")) read_event(*event, plan);
  const Config* memory = run_record.find("memory");
  if (!memory) return plan;
  if (const Config* moments = memory->find("moments")) read_moments(*moments, plan);
  if (const Config* buffers = memory->find("buffers")) read_buffers(*buffers, plan);
  read_texts(memory->find("reasons"), "reasons", plan.reasons);
  read_texts(memory->find("recomputed"), "recomputed", plan.recomputed);
  return plan;
}

}  // namespace batchwise
