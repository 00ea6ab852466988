// The progress bar's drawing and its estimate of time.
#include "report/progress_bar.h"

#include <algorithm>
#include <string>

#include "report/progress_text.h"

namespace batchwise {
namespace {

constexpr int64_t kBarWidth = 20;
constexpr double kSecondsBetweenDrawings = 0.05;

std::string counter(int64_t step, int64_t steps) {
  const std::string total = std::to_string(steps), done = std::to_string(step);
  return std::string(total.size() > done.size() ? total.size() - done.size() : 0, ' ') + done + "/" + total;
}

std::string repeated(const char* symbol, int64_t times) {
  std::string text;
  for (int64_t i = 0; i < times; ++i) text += symbol;
  return text;
}

std::string values(const Logs& logs) {
  std::string text;
  for (const auto& [name, value] : logs) text += " - " + name + ": " + value_text(value);
  return text;
}

int64_t columns(const std::string& text) {  // UTF-8 characters
  return std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; });
}

}  // namespace

ProgressBar::ProgressBar(std::ostream& out, ProgressStyle style, int64_t steps, std::function<double()> clock)
    : out_(out), style_(style), steps_(steps), clock_(std::move(clock)), start_(clock_()) {}

// The first step is not representative: it is left out of the mean as soon as there are others. A resumed epoch begins
// with a later step than the first.
double ProgressBar::seconds_per_step(int64_t step, double now) {
  if (step == 0) return 0;
  if (steps_before_ < 0) steps_before_ = step - 1;
  const int64_t done = step - steps_before_;
  const bool others = first_step_end_ >= 0 && done > 1;
  const double mean =
      others ? (now - first_step_end_) / static_cast<double>(done - 1) : (now - start_) / static_cast<double>(done);
  if (done == 1) first_step_end_ = now;
  return mean;
}

void ProgressBar::update(int64_t step, const Logs& logs) {
  const double now = clock_();
  const double per_step = seconds_per_step(step, now);
  if (style_ == ProgressStyle::Line || (last_drawn_ >= 0 && now - last_drawn_ < kSecondsBetweenDrawings)) return;
  draw(step, logs, now, per_step, false);
  last_drawn_ = now;
}

void ProgressBar::finish(int64_t step, const Logs& logs, const std::string& note) {
  if (steps_ == 0) steps_ = step;
  if (steps_before_ < 0) steps_before_ = 0;
  const double now = clock_();
  const double per_step = seconds_per_step(steps_, now);
  if (style_ == ProgressStyle::Line) write_line(steps_, logs, now, per_step, note);
  else draw(steps_, logs, now, per_step, true, note);
}

void ProgressBar::interrupt() {
  if (width_ > 0) out_ << '\n';
  width_ = 0;
  last_drawn_ = -1;
}

void ProgressBar::draw(int64_t step, const Logs& logs, double now, double per_step, bool last,
                       const std::string& note) {
  std::string bar;     // with colours
  int64_t hidden = 8;  // bytes of colour codes: the time is always bold
  if (steps_ > 0) {
    const int64_t filled = kBarWidth * step / steps_;
    bar = "\x1b[1m" + counter(step, steps_) + "\x1b[0m ";
    hidden += 8 + 9;
    if (filled > 0) {
      bar += "\x1b[32m" + repeated("━", filled) + "\x1b[0m";
      hidden += 9;
    }
    bar += "\x1b[37m" + repeated("━", kBarWidth - filled) + "\x1b[0m";
  } else {
    const std::string done = std::to_string(step);
    bar = std::string(done.size() < 7 ? 7 - done.size() : 0, ' ') + done + "/Unknown";
  }
  const bool estimate = steps_ > 0 && !last;
  const std::string time =
      estimate ? remaining_text(per_step * static_cast<double>(steps_ - step)) : elapsed_text(now - start_);
  const std::string info = " \x1b[1m" + time + "\x1b[0m " + step_time_text(per_step) + values(logs) + note;

  std::string text(static_cast<size_t>(width_), '\b');
  text += "\r" + bar + info;
  const int64_t width = columns(bar) + columns(info) - hidden;
  if (width_ > width) text.append(static_cast<size_t>(width_ - width), ' ');
  if (last) text += '\n';
  width_ = last ? 0 : width;
  out_ << text << std::flush;
}

void ProgressBar::write_line(int64_t step, const Logs& logs, double now, double per_step, const std::string& note) {
  out_ << counter(step, steps_) << " - " << elapsed_text(now - start_) << " - " << step_time_text(per_step)
       << values(logs) << note << '\n'
       << std::flush;
}

}  // namespace batchwise
