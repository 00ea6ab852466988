// The session of an evaluation or a prediction.
#pragma once

#include <cstdint>
#include <memory>

#include <batchwise/model.h>

#include "training/callbacks/observers.h"
#include "training/samples/samples.h"
#include "training/session/session.h"

namespace batchwise {

struct InferenceRequest {
  int64_t memory = 0;
  int lanes = 0;
  bool allow_nan = false;
  int64_t batch = 0;    // what losses are made over; 0: a prediction, which has none
  int64_t samples = 0;  // of a prediction at a time; 0: many
};

// Holds the weights of `model` until it ends. `model` is as for_data(samples.rows()) gives it and outlives the session.
std::unique_ptr<Session> inference_session(const Model& model, const Samples& samples, const InferenceRequest& request,
                                           const Observers& observers);

}  // namespace batchwise
