// The memory that decoding an image takes: what a decoder has of its own, and what it may take beyond that.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace batchwise {

constexpr int64_t kDecoderBytes = int64_t{1} << 20;  // what a decoder takes for a usual image

// Larger images than usual ones are decoded where a budget leaves memory for them.
constexpr int64_t kUsualImage = int64_t{16} << 20;
// Images whose headers tell what is usual among `images`: a few, from the first to the last.
std::vector<int64_t> looked_at(int64_t images);

// While one lives, no decoder of the process takes more than `spare / readers` bytes beside its own: whoever knows the
// budget makes one. Of several, the smallest counts. Thread-safe.
class DecodingLimit {
 public:
  // `spare`: bytes of `budget` that nothing else needs, shared by so many threads that decode.
  DecodingLimit(int64_t budget, int64_t spare, int64_t readers);
  ~DecodingLimit();
  DecodingLimit(const DecodingLimit&) = delete;
  DecodingLimit& operator=(const DecodingLimit&) = delete;
};

// Memory that is held because nothing else needs it, counted by the plans of all limits: an image that does not fit
// beside it takes it. Thread-safe.
class GivesWay {
 public:
  // `give_back` frees it, once at most, on the thread that decodes. It decodes nothing itself.
  GivesWay(int64_t bytes, std::function<void()> give_back);
  ~GivesWay();
  GivesWay(const GivesWay&) = delete;
  GivesWay& operator=(const GivesWay&) = delete;
};

// What the header of an image says.
struct ImageNeeds {
  int64_t height = 0, width = 0;
  int64_t bytes = 0;  // held at a time while it is decoded and resized
};

// The memory of one decoder, kept from image to image as far as it is its own.
class DecodingMemory {
 public:
  void set_own(int64_t bytes) { own_ = bytes; }        // counted by a plan, whatever the images are
  void set_beside(int64_t bytes) { beside_ = bytes; }  // held for the next image besides, for instance its file
  int64_t own() const { return own_; }

  // Called by a decoder that has read the header and taken nothing yet. `held`: beyond a few rows. Throws BudgetError
  // naming `where` when there may not be so much.
  void admit(int64_t height, int64_t width, int channels, int64_t held, std::string_view where) const;
  // Room for bytes that were admitted.
  uint8_t* frame(int64_t bytes);
  void give_back();  // what is not its own

  // While true, `admit` throws ImageNeeds, whatever they are: an image is looked at and not decoded.
  void look(bool looking) { looking_ = looking; }

 private:
  int64_t own_ = kDecoderBytes, beside_ = 0;
  bool looking_ = false;
  std::vector<uint8_t> frame_;
};

// Throws BudgetError naming `where` unless a decoder may take `bytes` in all, of which `own` are its own. `what`: the
// image, for the message.
void check_decoding_bytes(int64_t bytes, int64_t own, std::string_view what, std::string_view where);

}  // namespace batchwise
