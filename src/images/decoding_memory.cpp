// The limits that are in force, and the memory of one decoder.
#include "images/decoding_memory.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>

namespace batchwise {
namespace {

struct Limit {
  const DecodingLimit* of;
  int64_t budget, each, readers;
};

struct Held {
  const GivesWay* of;
  int64_t bytes;
  std::function<void()> give_back;
};

std::mutex mutex;
std::vector<Limit> limits;  // of those that live
std::vector<Held> held;     // what gives way

// Rows that a library and a resize hold beside what they must: unfiltered and as read, and two to resize from.
constexpr int64_t kRows = 4;

}  // namespace

std::vector<int64_t> looked_at(int64_t images) {
  constexpr int64_t kLooks = 64;
  std::vector<int64_t> looks;
  for (int64_t look = 0; look < std::min(kLooks, images); ++look)
    looks.push_back(images <= kLooks ? look : look * (images - 1) / (kLooks - 1));
  return looks;
}

DecodingLimit::DecodingLimit(int64_t budget, int64_t spare, int64_t readers) {
  readers = std::max<int64_t>(1, readers);
  const std::lock_guard lock(mutex);
  limits.push_back({this, budget, std::max<int64_t>(0, spare) / readers, readers});
}

DecodingLimit::~DecodingLimit() {
  const std::lock_guard lock(mutex);
  std::erase_if(limits, [this](const Limit& limit) { return limit.of == this; });
}

GivesWay::GivesWay(int64_t bytes, std::function<void()> give_back) {
  const std::lock_guard lock(mutex);
  held.push_back({this, bytes, std::move(give_back)});
}

GivesWay::~GivesWay() {
  const std::lock_guard lock(mutex);
  std::erase_if(held, [this](const Held& one) { return one.of == this; });
}

void check_decoding_bytes(int64_t bytes, int64_t own, std::string_view what, std::string_view where) {
  if (bytes <= own) return;
  const std::lock_guard lock(mutex);
  int64_t giving_way = 0;
  for (const Held& one : held) giving_way += one.bytes;
  const auto at_most = [&](const Limit& limit) { return limit.each + giving_way / limit.readers; };
  const auto fits = [&](const auto& each) {
    return std::all_of(limits.begin(), limits.end(), [&](const Limit& limit) { return bytes - own <= each(limit); });
  };
  if (fits([](const Limit& limit) { return limit.each; })) return;
  if (fits(at_most)) {
    for (Limit& limit : limits) limit.each = at_most(limit);
    for (const Held& one : std::exchange(held, {})) one.give_back();
    return;
  }
  const Limit least = *std::min_element(limits.begin(), limits.end(),
                                        [&](const Limit& a, const Limit& b) { return at_most(a) < at_most(b); });
  const int64_t enough = least.budget + (bytes - own - at_most(least)) * least.readers;
  throw BudgetError(
      error_detail::sentence(where, "an image must fit what the budget, ", show_byte_size(least.budget),
                             ", leaves for decoding, ", show_byte_size(own + at_most(least)), " for each of ",
                             least.readers, " readers. Got ", what, ", of which ", show_byte_size(bytes),
                             " are held at a time. Give at least ", byte_size_option(enough),
                             ", or store the image smaller, or as a JPEG or PNG that is read row by row: neither "
                             "progressive nor interlaced."),
      least.budget, enough);
}

void DecodingMemory::admit(int64_t height, int64_t width, int channels, int64_t held, std::string_view where) const {
  const int64_t bytes = held + kRows * width * channels;
  if (looking_) throw ImageNeeds{height, width, bytes};
  if (bytes + beside_ <= own_) return;
  check_decoding_bytes(bytes + beside_, own_, std::to_string(width) + " x " + std::to_string(height) + " pixels",
                       where);
}

uint8_t* DecodingMemory::frame(int64_t bytes) {
  if (frame_.size() < static_cast<size_t>(bytes)) frame_.resize(static_cast<size_t>(bytes));
  return frame_.data();
}

void DecodingMemory::give_back() {
  if (static_cast<int64_t>(frame_.capacity()) > own_) std::vector<uint8_t>().swap(frame_);
}

}  // namespace batchwise
