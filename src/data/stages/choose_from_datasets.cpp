// One element after another from several data sets: from the one that is named, or drawn.
#include <algorithm>
#include <limits>

#include <batchwise/dataset.h>

#include "base/random.h"
#include "data/stages/following_stage.h"

namespace batchwise {
namespace {

class ChooseStream final : public Stream {
 public:
  ChooseStream(const std::vector<Dataset>& parts, std::unique_ptr<Stream> choice, bool stop_on_empty, uint64_t pass)
      : choice_(std::move(choice)), stop_on_empty_(stop_on_empty) {
    for (const Dataset& part : parts) parts_.push_back(part.stage()->open(pass));
    left_ = parts_.size();
  }
  bool next(Element& element) override {
    Element chosen;
    while (left_ > 0 && choice_->next(chosen)) {
      const int64_t part = chosen.at(0).data<int64_t>()[0], parts = static_cast<int64_t>(parts_.size());
      require(part >= 0 && part < parts, "choose_from_datasets", "a choice must be in [0, ", parts, "). Got ", part,
              ".");
      auto& stream = parts_[static_cast<size_t>(part)];
      if (!stream) continue;
      if (stream->next(element)) return true;
      stream.reset();
      --left_;
      if (stop_on_empty_) left_ = 0;
    }
    return false;
  }

 private:
  std::vector<std::unique_ptr<Stream>> parts_;
  std::unique_ptr<Stream> choice_;
  bool stop_on_empty_;
  size_t left_;
};

class Choose final : public Stage {
 public:
  Choose(std::vector<Dataset> parts, Dataset choice, bool stop_on_empty)
      : parts_(std::move(parts)), choice_(std::move(choice)), stop_on_empty_(stop_on_empty) {
    require(!parts_.empty(), "choose_from_datasets", "there must be at least one data set. Got none.");
    require(std::none_of(parts_.begin(), parts_.end(), [](const Dataset& part) { return part.empty(); }),
            "choose_from_datasets", "the parts must not be empty data sets. Got one.");
    const std::vector<Column> columns = choice_.columns();
    require(columns.size() == 1 && columns[0].dtype == DType::Int64 && columns[0].shape.rank() == 0,
            "choose_from_datasets", "choices must be int64 numbers, one per element.");
  }
  std::vector<Column> columns() const override { return parts_[0].columns(); }
  int64_t cardinality() const override {
    const auto endless = [](const Dataset& part) { return part.cardinality() == kInfinite; };
    return std::all_of(parts_.begin(), parts_.end(), endless) ? kInfinite : kUnknown;
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<ChooseStream>(parts_, choice_.stage()->open(pass), stop_on_empty_, pass);
  }
  std::string describe() const override { return parts_[0].describe(); }
  std::string files() const override {
    std::string all;
    for (const Dataset& part : parts_) all += part.stage()->files();
    return all;
  }
  void list_files(const FileSink& sink) const override {
    for (const auto& part : parts_) part.stage()->list_files(sink);
  }
  void hold_decoded(DecodedRoom& room) const override {
    for (const auto& part : parts_) part.stage()->hold_decoded(room);
  }
  int64_t resident_bytes() const override {
    int64_t bytes = choice_.stage()->resident_bytes();
    for (const auto& part : parts_) bytes += part.stage()->resident_bytes();
    return bytes;
  }
  void report(std::vector<StageFacts>& facts) const override {
    for (const auto& part : parts_) part.stage()->report(facts);
  }
  bool ordered() const override { return true; }

 private:
  std::vector<Dataset> parts_;
  Dataset choice_;
  bool stop_on_empty_;
};

}  // namespace

Dataset Dataset::choose_from_datasets(std::vector<Dataset> parts, const Dataset& choice, bool stop_on_empty) {
  return Dataset(std::make_shared<Choose>(std::move(parts), choice, stop_on_empty));
}

Dataset Dataset::sample_from_datasets(std::vector<Dataset> parts, const SampleFromOptions& options) {
  std::vector<double> weights = options.weights;
  if (weights.empty()) weights.assign(parts.size(), 1.0);
  require(weights.size() == parts.size(), "sample_from_datasets", "weights must have one entry per data set, ",
          parts.size(), ". Got ", weights.size(), ".");
  double sum = 0;
  for (const double weight : weights) {
    require(weight >= 0, "sample_from_datasets", "weights must be 0 or more. Got ", weight, ".");
    sum += weight;
  }
  require(sum > 0, "sample_from_datasets", "one weight must be more than 0. Got none.");
  // What is never drawn never ends either.
  for (size_t p = parts.size(); p-- > 0;)
    if (weights[p] == 0) {
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(p));
      weights.erase(weights.begin() + static_cast<std::ptrdiff_t>(p));
    }
  if (parts.size() == 1) return parts[0];  // one that is always drawn is all there is
  const uint64_t key = random_key(options.seed, "sample_from_datasets");
  const Dataset choice =
      range(std::numeric_limits<int64_t>::max()).map([key, weights, sum](const Element& number, const Address& at) {
        const auto bits = philox(key, at.pass, static_cast<uint64_t>(number[0].data<int64_t>()[0]));
        double left = unit_double(bits[0], bits[1]) * sum;
        int64_t part = 0;
        while (part + 1 < static_cast<int64_t>(weights.size()) && left >= weights[static_cast<size_t>(part)])
          left -= weights[static_cast<size_t>(part++)];
        return Element{Array::from<int64_t>({part}, {})};
      });
  return choose_from_datasets(std::move(parts), choice, options.stop_on_empty_dataset);
}

}  // namespace batchwise
