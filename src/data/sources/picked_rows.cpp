// Rows under other numbers, translated in parts on the stack.
#include "data/sources/picked_rows.h"

#include <algorithm>
#include <array>

namespace batchwise {

namespace {

constexpr size_t kPart = 512, kUsualColumns = 64;

}  // namespace

const Source& root_of(const Source& source) {
  const auto* picked = dynamic_cast<const PickedRows*>(&source);
  return picked ? root_of(*picked->whole()) : source;
}

// Calls work(first, source's rows, source's pass) for consecutive rows that lie in one pass of the source.
template <class Work>
void PickedRows::in_parts(std::span<const int64_t> rows, uint64_t pass, const Work& work) const {
  std::array<int64_t, kPart> picked;  // on the stack: fetching must not allocate
  for (size_t i = 0; i < rows.size();) {
    size_t n = 0;
    uint64_t of_pass = pass;
    for (; n < kPart && i + n < rows.size(); ++n) {
      const int64_t row = rows[i + n];
      require(row >= 0 && row < size_, describe(), "rows must be in [0, ", size_, "). Got ", row, ".");
      const Picked there = pick(row, pass);
      if (n == 0) of_pass = there.pass;
      if (there.pass != of_pass) break;
      picked[n] = there.row;
    }
    work(i, std::span<const int64_t>(picked.data(), n), of_pass);
    i += n;
  }
}

void PickedRows::fetch(int column, std::span<const int64_t> rows, void* out) const {
  const Column& about = columns()[static_cast<size_t>(column)];
  const int64_t row_bytes = about.shape.count() * size_of(about.dtype);
  in_parts(rows, 0, [&](size_t first, std::span<const int64_t> picked, uint64_t) {
    source_->fetch(column, picked, static_cast<std::byte*>(out) + static_cast<int64_t>(first) * row_bytes);
  });
}

void PickedRows::read(std::span<const int64_t> rows, uint64_t pass, std::span<void* const> out) const {
  std::array<void*, kUsualColumns> usual;  // on the stack, too
  std::vector<void*> many(out.size() > kUsualColumns ? out.size() : 0);
  const std::span<void*> to(many.empty() ? usual.data() : many.data(), out.size());
  in_parts(rows, pass, [&](size_t first, std::span<const int64_t> picked, uint64_t of_pass) {
    for (size_t c = 0; c < out.size(); ++c) {
      const Column& about = columns()[c];
      to[c] = out[c] ? static_cast<std::byte*>(out[c]) +
                           static_cast<int64_t>(first) * about.shape.count() * size_of(about.dtype)
                     : nullptr;
    }
    source_->read(picked, of_pass, to);
  });
}

}  // namespace batchwise
