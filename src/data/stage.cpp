// What stages and sources do unless they know better.
#include <batchwise/stage.h>

#include "base/random.h"

namespace batchwise {

void Source::read(std::span<const int64_t> rows, uint64_t, std::span<void* const> out) const {
  for (size_t c = 0; c < out.size(); ++c)
    if (out[c]) fetch(static_cast<int>(c), rows, out[c]);
}

std::string Source::describe_row(int64_t row, uint64_t) const {
  return "sample " + std::to_string(row) + " of " + describe();
}

uint64_t Address::key() const { return mix(mix(random_key(seed, "map"), pass), static_cast<uint64_t>(sample)); }

int64_t Stream::skip(int64_t count) {
  Element ignored;
  int64_t done = 0;
  while (done < count && next(ignored)) ++done;
  return done;
}

}  // namespace batchwise
