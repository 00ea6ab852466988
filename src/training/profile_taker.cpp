// Takes the profile of a run.
#include "training/profile_taker.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace batchwise {

void ProfileTaker::opened(Session& session) {
  profile_.lanes = session.lanes().count();
  if (profile_.rates.flops == 0) profile_.rates = session.machine_rates();
}

void ProfileTaker::closes(Session& session) {
  if (began_) session.work_kinds()->add_to(profile_, origin_);
}

void ProfileTaker::step(Session& session, double seconds, int64_t samples, double data_seconds) {
  if (!began_) {
    began_ = true;
    session.work_kinds()->clock().clear();
    start_ = Clock::now();
    origin_ = WorkClock::now();
    data_before_ = data_seconds;
    return;
  }
  ++profile_.steps;
  profile_.samples += samples;
  step_seconds_ += seconds;
}

ProfileRow& ProfileTaker::row(const std::string& work) { return profile_.rows[row_in(profile_, "", work)]; }

void ProfileTaker::between(const std::string& work, double seconds) {
  if (!began_) return;
  ProfileRow& mine = row(work);
  ++mine.calls;
  mine.seconds += seconds;
}

Profile ProfileTaker::finish(double data_seconds) {
  if (!began_) return profile_;
  profile_.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const auto sum = [&](bool of_lanes) {
    return std::accumulate(profile_.rows.begin(), profile_.rows.end(), 0.0, [&](double seconds, const ProfileRow& r) {
      const bool between_steps = r.layer.empty() && (r.work == "validation" || r.work == "checkpoint");
      return seconds + (of_lanes && between_steps ? 0 : r.seconds);
    });
  };
  row("wait for lanes").seconds = std::max(0.0, step_seconds_ - sum(true));
  row("wait for data").seconds = data_seconds - data_before_;
  row("between steps").seconds = std::max(0.0, profile_.seconds - sum(false));
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
