// Data sets that users' functions give to stages: one that is empty, Dataset(), is refused as what they throw is.
#pragma once

#include <batchwise/dataset.h>

#include "data/stages/user_call.h"

namespace batchwise {

// As user_call_at.
template <class Place, class Call>
Dataset user_data_at(const Place& place, const Call& call) {
  Dataset data = user_call_at(place, call);
  if (data.empty()) fail_run(place(), "the function must give a data set. Got an empty Dataset().");
  return data;
}

// As user_call.
template <class Where, class Call>
Dataset user_data(const char* stage, int64_t number, const Where& where, const Call& call) {
  return user_data_at([&] { return sample_place(stage, number, where()); }, call);
}

}  // namespace batchwise
