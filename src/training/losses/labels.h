// Class labels as targets: one whole number for each line of predictions.
#pragma once

#include <cstdint>
#include <string_view>

#include <batchwise/error.h>
#include <batchwise/loss.h>
#include <batchwise/shape.h>

namespace batchwise {

// Throws unless `target` holds one label for each last-axis line of `prediction`; gives the shape of the labels.
inline Shape label_shape(const Shape& target, const Shape& prediction, std::string_view where) {
  require(prediction.rank() >= 1, where, "predictions need an axis of classes. Got predictions of shape ", prediction,
          " per sample.");
  const Shape lines(std::span<const int64_t>(prediction.begin(), prediction.end() - 1));
  const bool extra =
      target.rank() == lines.rank() + 1 && target.back() == 1 && std::equal(lines.begin(), lines.end(), target.begin());
  require(target == lines || extra, where, "targets must be one label per line of the predictions of ", prediction,
          ": shape ", lines, " per sample. Got ", target, ". For one-hot targets use the class without \"Sparse\".");
  return lines;
}

// The label at `index` as a class. `lines`: labels per sample, for the message.
inline int64_t checked_label(const LossCall& call, int64_t index, int64_t lines, int64_t classes,
                             std::string_view where) {
  const float label = call.targets[index];
  const bool inside =
      label >= 0 && label < static_cast<float>(classes);  // before the cast, which is undefined for others
  if (!inside || label != static_cast<float>(static_cast<int64_t>(label)))
    fail(where, "labels must be whole numbers in [0, ", classes, "), the number of classes. Got ", label,
         call.samples ? " in sample " : " in row ", call.samples ? call.samples[index / lines] : index / lines, ".");
  return static_cast<int64_t>(label);
}

}  // namespace batchwise
