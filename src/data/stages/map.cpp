// A function of each element, in the thread that asks or in workers; what is random in it is addressed.
#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <optional>

#include <batchwise/dataset.h>

#include "data/stages/following_stage.h"
#include "data/stages/read_ahead.h"
#include "data/stages/rows.h"
#include "data/stages/user_call.h"

namespace batchwise {
namespace {

class MapStream final : public Stream {
 public:
  MapStream(std::unique_ptr<Stream> before, const MapFunction& function, Address address)
      : before_(std::move(before)), function_(function), address_(address) {}
  bool next(Element& element) override {
    Element from;
    if (!before_->next(from)) return false;
    const Address here = address_;
    ++address_.sample;  // an element that fails is passed over by who goes on
    element = function_(from, here);
    return true;
  }
  int64_t skip(int64_t count) override {
    const int64_t done = before_->skip(count);
    address_.sample += done;
    return done;
  }

 private:
  std::unique_ptr<Stream> before_;
  const MapFunction& function_;
  Address address_;
};

// The workers start with the first element asked for: what is passed over before, nobody computes.
class ParallelMapStream final : public Stream {
 public:
  ParallelMapStream(std::unique_ptr<Stream> before, const MapFunction& function, Address address, int64_t workers,
                    StageMeter& meter)
      : before_(std::move(before)), function_(function), address_(address), workers_(workers), meter_(meter) {}
  bool next(Element& element) override {
    if (!ahead_)
      ahead_.emplace([this](Element& from, int64_t) { return before_->next(from); },
                     [this](const Element& from, int64_t index) {
                       return function_(from, {address_.seed, address_.pass, address_.sample + index});
                     },
                     workers_, workers_ == kAutotune ? kAutotune : 2 * workers_, meter_);
    return ahead_->next(element);
  }
  int64_t skip(int64_t count) override {
    if (ahead_) return ahead_->skip(count);
    const int64_t done = before_->skip(count);
    address_.sample += done;
    return done;
  }

 private:
  std::unique_ptr<Stream> before_;
  const MapFunction& function_;
  Address address_;  // of the first element that is not passed over
  const int64_t workers_;
  StageMeter& meter_;
  std::optional<ReadAhead> ahead_;  // last: its workers use the rest
};

// Rows of another source, each put through the function.
class MappedRows final : public Source {
 public:
  MappedRows(std::shared_ptr<const Source> source, MapFunction function, uint64_t seed, std::vector<Column> columns)
      : source_(std::move(source)), function_(std::move(function)), seed_(seed), columns_(std::move(columns)) {}
  int64_t size() const override { return source_->size(); }
  const std::vector<Column>& columns() const override { return columns_; }
  std::string describe() const override { return source_->describe(); }
  std::string describe_row(int64_t row, uint64_t pass) const override { return source_->describe_row(row, pass); }
  int64_t resident_bytes() const override { return source_->resident_bytes(); }
  void hold_decoded(DecodedRoom& room) const override { source_->hold_decoded(room); }
  bool costly() const override { return true; }
  int64_t reader_bytes() const override {
    return source_->reader_bytes() + element_bytes(source_->columns()) + element_bytes(columns_);
  }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    std::vector<void*> all(columns_.size(), nullptr);
    all[static_cast<size_t>(column)] = out;
    read(rows, 0, all);
  }
  void read(std::span<const int64_t> rows, uint64_t pass, std::span<void* const> out) const override {
    for (size_t r = 0; r < rows.size(); ++r) {
      const Element made = function_(read_row(*source_, rows[r], pass), {seed_, pass, rows[r]});
      require(made.size() == columns_.size(), "map", "the function must return as many arrays for every element, ",
              columns_.size(), ". Got ", made.size(), " for sample ", rows[r], " of ", describe(), ".");
      for (size_t c = 0; c < out.size(); ++c) {
        require(made[c].shape() == columns_[c].shape && made[c].dtype() == columns_[c].dtype, "map",
                "the function must return arrays of one shape and type, ", columns_[c].shape, " of ", columns_[c].dtype,
                ". Got ", made[c].shape(), " of ", made[c].dtype(), " for sample ", rows[r], " of ", describe(), ".");
        const size_t bytes = static_cast<size_t>(made[c].bytes());
        if (out[c]) std::memcpy(static_cast<std::byte*>(out[c]) + r * bytes, made[c].raw(), bytes);
      }
    }
  }

 private:
  std::shared_ptr<const Source> source_;
  MapFunction function_;
  uint64_t seed_;
  std::vector<Column> columns_;
};

class Map final : public FollowingStage {
 public:
  Map(std::shared_ptr<const Stage> before, MapFunction function, MapOptions options)
      : FollowingStage(std::move(before)),
        function_([function = std::move(function), data = before_pointer()](const Element& x, const Address& address) {
          const auto place = [&] {
            const auto rows = data->rows();
            const int64_t n = address.sample;
            return "map, " + (rows && n < rows->size() ? rows->describe_row(n, address.pass)
                                                       : "sample " + std::to_string(n) + " of " + data->describe());
          };
          return user_call_at(place, [&] { return function(x, address); });
        }),
        options_(std::move(options)),
        meter_("map") {
    require(options_.num_parallel_calls >= kAutotune, "map", "num_parallel_calls must be kAutotune, 0 or more. Got ",
            options_.num_parallel_calls, ".");
  }
  // Unless stated, those of the first element that can be made: found when first asked for. An element that fails says
  // so when it is read, and ignore_errors() may pass over it.
  std::vector<Column> columns() const override {
    return found_([&] { return options_.columns.empty() ? columns_of_first() : options_.columns; });
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    const Address address{options_.seed, pass, 0};
    if (options_.num_parallel_calls == 0) return std::make_unique<MapStream>(before().open(pass), function_, address);
    return std::make_unique<ParallelMapStream>(before().open(pass), function_, address, options_.num_parallel_calls,
                                               meter_);
  }
  int64_t rows_each() const override { return before().rows_each(); }
  std::shared_ptr<const Source> rows() const override {
    auto rows = before().rows();
    if (!rows || rows->size() == 0) return nullptr;
    std::vector<Column> made = columns();
    // Text that the function makes belongs to the array it returns: it comes one after another, not by number.
    const auto by_number = [](const Column& c) { return c.shape.known() && c.dtype != DType::String; };
    if (!std::all_of(made.begin(), made.end(), by_number)) return nullptr;
    return std::make_shared<MappedRows>(std::move(rows), function_, options_.seed, std::move(made));
  }
  void report(std::vector<StageFacts>& facts) const override {
    before().report(facts);
    if (options_.num_parallel_calls != 0) facts.push_back(meter_.facts());
  }
  int64_t resident_bytes() const override {
    return before().resident_bytes() +
           (options_.num_parallel_calls == 0 ? 0 : ReadAhead::bytes(options_.num_parallel_calls, columns()));
  }

 private:
  std::vector<Column> columns_of_first() const {
    constexpr int kTried = 100;
    MapStream made(before().open(0), function_, {options_.seed, 0, 0});
    std::exception_ptr failed;
    for (int tried = 0; tried < kTried; ++tried) try {
        Element element;
        if (made.next(element)) return columns_of(element);
        break;
      } catch (const BudgetError&) { throw; } catch (const Error&) {
        if (!failed) failed = std::current_exception();
      }
    if (failed) std::rethrow_exception(failed);
    return {};
  }

  MapFunction function_;
  MapOptions options_;
  FoundColumns found_;
  mutable StageMeter meter_;
};

}  // namespace

Dataset Dataset::map(MapFunction function, const MapOptions& options) const {
  return then(std::make_shared<Map>(stage(), std::move(function), options));
}

}  // namespace batchwise
