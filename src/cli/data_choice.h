// Where a command's data comes from, and the options that say how it is read.
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/image_choice.h"

namespace batchwise {

// Paths are made absolute before they are kept, so that a resume may be started anywhere.
struct DataChoice {
  std::string data, data_dir, target;
  ImageChoice images;

  void declare(Arguments& arguments);  // all but `data`
  // Refuses an option that none of the data would take. Empty names, and what does not exist, are passed over.
  void check(const std::vector<std::string>& all_data) const;
  DataChoice taken() const;  // without what opening this data would refuse: after check(), it is for other data
};

// Absolute when it names something that exists, or is a pattern of such; a built-in name stays as it is.
std::string absolute_if_there(const std::string& path);

}  // namespace batchwise
