// Brings the samples of a grain from the data set into a lane's buffers.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <batchwise/dataset.h>
#include <batchwise/model.h>

#include "data/order.h"
#include "training/program/objective.h"
#include "training/samples/trays.h"

namespace batchwise {

// Consecutive positions of the sample stream: a batch.
struct BatchRange {
  const Dataset* data = nullptr;
  const Order* order = nullptr;  // null: storage order
  uint64_t pass = 0;             // which time through the data
  int64_t first = 0;             // position within the pass
  int64_t count = 0;             // samples
  uint64_t first_sample = 0;     // samples trained on before, since the beginning of the run
};

class Feed {
 public:
  // Throws when the columns of `data` do not fit the model's inputs. `grain` and `lanes`: what fetches how much at a
  // time, where samples take work to read.
  Feed(const Model& model, const Dataset& data, bool check_finite, int64_t grain, int lanes);
  std::optional<StageFacts> facts() const;  // of samples that take work to read, by the lanes themselves
  static int64_t memory(const Dataset& data, int64_t grain, int lanes);  // that a feed holds

  // To be told before data that it does not know yet, or that may have changed: what was read is read again.
  void forget() {
    if (trays_) trays_->forget();
  }

  // Writes the storage rows of `rows` valid samples from position `first` of the batch to `out`; the rest of the grain
  // repeats the last.
  static void rows_of(const BatchRange& batch, int64_t first, std::span<int64_t> out, int64_t rows);

  // Rows are copied: lanes may each fetch some of a grain's.
  bool copies() const { return !trays_ && !decoding_; }
  void input(const BatchRange& batch, int i, std::span<const int64_t> rows, void* staging,
             void* out) const;  // float32 or int32
  // The same without copying: where `count` rows from position `first` of the batch lie as a kernel reads them, aligned
  // to 64 bytes; null: nowhere.
  const void* input_in_place(const BatchRange& batch, int i, int64_t first, int64_t count) const;
  void target(const BatchRange& batch, int i, std::span<const int64_t> rows, void* staging, float* out) const;
  bool has_weights(const Dataset& data, int output) const;
  int64_t weights_per_row(const Dataset& data, int output) const;
  void weights(const BatchRange& batch, int output, std::span<const int64_t> rows, void* staging, float* out) const;

 private:
  static int weight_column(const Dataset& data, int output);
  void fetch(const BatchRange& batch, int column, std::span<const int64_t> rows, DType wanted, void* staging,
             void* out) const;

  // Throws naming the value and its row, `row(k)` of the k-th, unless all are finite or need not be.
  template <class Row>
  void check(const BatchRange& batch, int column, const void* values, int64_t rows, const Row& row) const;

  std::vector<DType> input_types_;
  bool check_finite_;
  struct Decoding {
    std::atomic<int64_t> samples{0}, nanoseconds{0};  // of all lanes together
  };
  std::unique_ptr<Trays> trays_;        // for data that is costly to read
  std::unique_ptr<Decoding> decoding_;  // else, for files that are decoded
  int lanes_;
};

// Bytes of staging that fetching `rows` samples of a column as `wanted` takes: 0 when they are stored so.
int64_t staging_bytes(const Column& column, DType wanted, int64_t rows);

// Throws unless `data` has what the model needs: inputs (and targets when `targets`) of fitting shapes.
void check_columns(const Model& model, const Dataset& data, bool targets);
// Throws unless every sample, or every position of it, has one class that class_weight could mean, and a value of the
// loss that it could weigh. The model is compiled.
void check_class_weight(const FitOptions& options, const Model& model, const Dataset& data);

}  // namespace batchwise
