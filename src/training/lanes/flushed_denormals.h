// Numbers too small for a full mantissa count as zero while a lane works: the processor is slow with them.
#pragma once

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace batchwise {

// Of the thread that makes it, until it is gone. Every lane's, or none's: bits depend on it. A network that has learnt
// its data by heart has gradients of such numbers: epochs of a small CNN took more than five times as long with them.
class FlushedDenormals {
 public:
#if defined(__SSE__)
  FlushedDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kFlushResults | kFlushArguments); }
  ~FlushedDenormals() { _mm_setcsr(before_); }
#else
  FlushedDenormals() = default;
#endif
  FlushedDenormals(const FlushedDenormals&) = delete;

#if defined(__SSE__)
 private:
  static constexpr unsigned kFlushResults = 0x8000, kFlushArguments = 0x0040;
  const unsigned before_;
#endif
};

}  // namespace batchwise
