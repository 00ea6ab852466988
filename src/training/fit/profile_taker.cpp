// Takes the profile of a run.
#include "training/fit/profile_taker.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "training/profile/machine_rates.h"

namespace batchwise {

void ProfileTaker::opened(Session& session) {
  profile_.lanes = session.lanes().count();
  if (profile_.rates.flops == 0) profile_.rates = measure_rates(session.lanes());
}

void ProfileTaker::closes(Session& session) {
  if (began_) session.work_kinds()->add_to(profile_, origin_);
}

void ProfileTaker::step(Session& session, int64_t samples) {
  if (!began_) {
    began_ = true;
    session.work_kinds()->clock().clear();
    origin_ = WorkClock::now();
    return;
  }
  ++profile_.steps;
  profile_.samples += samples;
}

Profile ProfileTaker::finish() {
  if (!began_) return profile_;
  profile_.seconds = 1e-9 * static_cast<double>(WorkClock::now() - origin_);
  const double counted = std::accumulate(profile_.rows.begin(), profile_.rows.end(), 0.0,
                                         [](double seconds, const ProfileRow& row) { return seconds + row.seconds; });
  // There whether or not anybody waited.
  for (const char* work : {"wait for lanes", "wait for data"}) row_in(profile_, "", work);
  const size_t rest = row_in(profile_, "", "between steps");
  profile_.rows[rest].seconds = std::max(0.0, profile_.seconds - counted);
  std::vector<int> order(profile_.rows.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return profile_.rows[static_cast<size_t>(a)].seconds > profile_.rows[static_cast<size_t>(b)].seconds;
  });
  std::vector<int> place(order.size());
  std::vector<ProfileRow> rows;
  for (size_t i = 0; i < order.size(); ++i) {
    place[static_cast<size_t>(order[i])] = static_cast<int>(i);
    rows.push_back(std::move(profile_.rows[static_cast<size_t>(order[i])]));
  }
  profile_.rows = std::move(rows);
  for (ProfileCall& call : profile_.calls) call.row = place[static_cast<size_t>(call.row)];
  std::sort(profile_.calls.begin(), profile_.calls.end(), [](const ProfileCall& a, const ProfileCall& b) {
    return std::tuple(a.begin, -a.seconds, a.lane) < std::tuple(b.begin, -b.seconds, b.lane);
  });
  return std::move(profile_);
}

}  // namespace batchwise
