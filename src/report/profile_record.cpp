// A profile as JSON.
#include "report/profile_record.h"

#include <cmath>

#include "report/events.h"

namespace batchwise {
namespace {

constexpr size_t kPiece = 32 << 10;  // bytes

double microseconds(double seconds) { return std::round(seconds * 1e9) / 1e3; }

std::string title(const ProfileRow& row) { return row.layer.empty() ? row.work : row.layer + " " + row.work; }

}  // namespace

Config profile_event(const Profile& profile) {
  Config::List rows;
  for (const ProfileRow& row : profile.rows)
    rows.push_back(Config::object({{"layer", row.layer},
                                   {"work", row.work},
                                   {"calls", row.calls},
                                   {"seconds", row.seconds},
                                   {"flops", row.flops},
                                   {"bytes", row.bytes},
                                   {"floor_seconds", row.floor_seconds}}));
  return Config::object({{"event", "profile"},
                         {"seconds", profile.seconds},
                         {"steps", profile.steps},
                         {"samples", profile.samples},
                         {"lanes", profile.lanes},
                         {"flops_per_second", profile.rates.flops},
                         {"bytes_per_second", profile.rates.bytes},
                         {"rows", rows}});
}

void write_trace(const Profile& profile, const std::function<void(std::string_view)>& write) {
  std::string text = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
  for (int lane = 0; lane < profile.lanes; ++lane)
    text += json_line(Config::object({{"name", "thread_name"},
                                      {"ph", "M"},
                                      {"pid", 1},
                                      {"tid", lane},
                                      {"args", Config::object({{"name", "lane " + std::to_string(lane)}})}})) +
            (lane + 1 < profile.lanes || !profile.calls.empty() ? ",\n" : "\n");
  for (size_t i = 0; i < profile.calls.size(); ++i) {
    const ProfileCall& call = profile.calls[i];
    const ProfileRow& row = profile.rows[static_cast<size_t>(call.row)];
    text += json_line(Config::object({{"name", title(row)},
                                      {"cat", row.work},
                                      {"ph", "X"},
                                      {"pid", 1},
                                      {"tid", call.lane},
                                      {"ts", microseconds(call.begin)},
                                      {"dur", microseconds(call.seconds)}})) +
            (i + 1 < profile.calls.size() ? ",\n" : "\n");
    if (text.size() < kPiece) continue;
    write(text);
    text.clear();
  }
  write(text + "]}\n");
}

}  // namespace batchwise
