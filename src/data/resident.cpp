// Loading a source's rows into memory.
#include "data/resident.h"

#include <algorithm>
#include <numeric>

#include <batchwise/byte_size.h>

#include "data/sources/memory.h"

namespace batchwise {
namespace {

constexpr int64_t kRoomBeside = MiB(1);  // what holding data may take besides the data
// Also what a plan keeps free for the difference between two processes: less would cost it a lane.
constexpr int64_t kRoomBesideDecoded = MiB(4);

// Rows in memory that say where they came from.
class HeldRows final : public MemorySource {
 public:
  HeldRows(std::vector<Array> arrays, std::vector<std::string> names, std::shared_ptr<const Source> from)
      : MemorySource(std::move(arrays), std::move(names), from->describe()), from_(std::move(from)) {}
  std::string describe_row(int64_t row, uint64_t pass) const override { return from_->describe_row(row, pass); }

 private:
  std::shared_ptr<const Source> from_;
};

}  // namespace

int64_t stored_bytes(const Dataset& data) {
  int64_t bytes = 0;
  if (!data.empty())
    for (const Column& column : data.source().columns())
      bytes += data.size() * column.shape.count() * size_of(column.dtype);
  return bytes;
}

bool worth_holding(const Dataset& data) {
  return data.has_rows() && !data.source().costly() && data.source().worth_holding();
}

bool room_to_hold(int64_t held, int64_t peak, int64_t budget) {
  return held <= budget / 4 && peak + held + kRoomBeside <= budget;
}

int64_t room_for_decoded(int64_t peak, int64_t budget, bool stated) {
  return std::max<int64_t>(0, std::min(budget / (stated ? 2 : 4), budget - peak - kRoomBesideDecoded));
}

Dataset resident(const Dataset& data) {
  if (data.empty() || !data.source().worth_holding()) return data;
  const Source& source = data.source();
  std::vector<Array> arrays;
  std::vector<std::string> names;
  std::vector<int64_t> rows(static_cast<size_t>(std::min<int64_t>(8192, source.size())));
  for (size_t c = 0; c < source.columns().size(); ++c) {
    const Column& column = source.columns()[c];
    Array array(column.dtype, column.shape.with_batch(source.size()));
    const int64_t row_bytes = column.shape.count() * size_of(column.dtype);
    for (int64_t first = 0; first < source.size(); first += static_cast<int64_t>(rows.size())) {
      const size_t count =
          static_cast<size_t>(std::min<int64_t>(static_cast<int64_t>(rows.size()), source.size() - first));
      std::iota(rows.begin(), rows.end(), first);
      source.fetch(static_cast<int>(c), {rows.data(), count}, array.raw() + first * row_bytes);
    }
    arrays.push_back(std::move(array));
    names.push_back(column.name);
  }
  return Dataset(std::make_shared<HeldRows>(std::move(arrays), std::move(names), source.shared_from_this()),
                 data.num_inputs(), data.num_targets());
}

}  // namespace batchwise
