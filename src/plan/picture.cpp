// A plan as a picture: bytes over the schedule, stacked by class, one letter per class.
#include <algorithm>

#include <batchwise/byte_size.h>
#include <batchwise/plan.h>

namespace batchwise {
namespace {

constexpr int kRows = 12;
constexpr size_t kScaleWidth = 10;  // of the numbers at the left
constexpr char kLetters[kByteClasses] = {'w', 'g', 'o', 'a', 's', 'p', 'l'};
// What stays comes first, so that what changes is drawn on top.
constexpr ByteClass kStack[kByteClasses] = {ByteClass::Library,    ByteClass::Pipeline,  ByteClass::Weights,
                                            ByteClass::Optimizer,  ByteClass::Gradients, ByteClass::Scratch,
                                            ByteClass::Activations};

// One column stands for one or more moments: the one of them that holds most, so that the peak is never averaged away.
std::vector<const PlannedMoment*> columns_of(const Plan& plan, int width) {
  const size_t count = plan.moments.size();
  const size_t columns = static_cast<size_t>(std::max(width, 1));
  std::vector<const PlannedMoment*> shown;
  for (size_t c = 0; c < columns; ++c) {
    const size_t first = c * count / columns;
    const size_t last = std::max(first + 1, (c + 1) * count / columns);
    const PlannedMoment* most = &plan.moments[first];
    for (size_t m = first; m < last; ++m)
      if (plan.moments[m].live.total() > most->live.total()) most = &plan.moments[m];
    shown.push_back(most);
  }
  return shown;
}

char letter_at(const ByteCounts& live, double height) {
  double top = 0;
  for (ByteClass c : kStack) {
    top += static_cast<double>(live[c]);
    if (height < top) return kLetters[static_cast<int>(c)];
  }
  return ' ';
}

std::string right_aligned(const std::string& text) {
  return text.size() >= kScaleWidth ? text : std::string(kScaleWidth - text.size(), ' ') + text;
}

}  // namespace

std::string plan_picture(const Plan& plan, int width) {
  if (plan.moments.empty()) return "";
  const auto columns = columns_of(plan, width - static_cast<int>(kScaleWidth) - 3);
  int64_t top = 1;
  for (const PlannedMoment* moment : columns) top = std::max(top, moment->live.total());

  std::string text;
  for (int row = kRows - 1; row >= 0; --row) {
    const bool labelled = row == kRows - 1 || row == kRows / 2 - 1;
    const int64_t edge = top * (row + 1) / kRows;
    std::string line = (labelled ? right_aligned(show_byte_size(edge)) + " ┤ " : std::string(kScaleWidth, ' ') + " │ ");
    for (const PlannedMoment* moment : columns)
      line += letter_at(moment->live, (row + 0.5) * static_cast<double>(top) / kRows);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  text += std::string(kScaleWidth, ' ') + " └";
  for (size_t c = 0; c <= columns.size(); ++c) text += "─";
  const std::string& first = plan.moments.front().label;
  const std::string& last = plan.moments.back().label;
  text += "\n" + std::string(kScaleWidth + 3, ' ') + first;
  if (first.size() + 1 + last.size() <= columns.size())
    text += std::string(columns.size() - first.size() - last.size(), ' ') + last;
  text += "\n" + std::string(kScaleWidth + 3, ' ');
  for (int c = 0; c < kByteClasses; ++c)
    text += (c == 0 ? "" : "  ") + std::string(1, kLetters[c]) + " " + name_of(static_cast<ByteClass>(c));
  return text + "\n";
}

}  // namespace batchwise
