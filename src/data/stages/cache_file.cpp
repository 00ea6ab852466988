// The file of a cache: a header, the elements one after another, their number and a checksum at the end.
#include "data/stages/cache_file.h"

#include <cstring>
#include <filesystem>
#include <optional>

#include <xxhash.h>

#include "base/atomic_file.h"
#include "base/input_file.h"
#include "data/stages/following_stage.h"

namespace batchwise {
namespace {

constexpr uint64_t kKeptPass = 0;
constexpr char kMagic[8] = {'b', 'w', 'c', 'a', 'c', 'h', 'e', '1'};
constexpr int64_t kBuffer = 1 << 18, kTail = 8 + 8 + 8;  // number of elements, end of elements, checksum

// The components as text: what a file says it was made of.
std::string identity(const std::vector<Column>& columns) {
  std::string text;
  for (const Column& column : columns) text += column.shape.text() + " " + std::string(name_of(column.dtype)) + "; ";
  return text;
}

class Checksum {
 public:
  Checksum() : state_(XXH3_createState()) { XXH3_64bits_reset(state_); }
  ~Checksum() { XXH3_freeState(state_); }
  Checksum(const Checksum&) = delete;
  void add(const void* data, int64_t bytes) { XXH3_64bits_update(state_, data, static_cast<size_t>(bytes)); }
  uint64_t value() const { return XXH3_64bits_digest(state_); }

 private:
  XXH3_state_t* state_;
};

class FileWriter {
 public:
  FileWriter(const std::string& path, const std::string& made_of) : file_(path) {
    put(kMagic, sizeof kMagic);
    number(static_cast<int64_t>(made_of.size()));
    put(made_of.data(), static_cast<int64_t>(made_of.size()));
  }
  void add(const Element& element) {
    number(static_cast<int64_t>(element.size()));
    for (const Array& array : element) {
      number(static_cast<int64_t>(array.dtype()));
      number(array.shape().rank());
      for (const int64_t dim : array.shape()) number(dim);
      put(array.raw(), array.bytes());
    }
    ++count_;
  }
  void finish() {
    const int64_t end = file_.size() + static_cast<int64_t>(buffer_.size());
    number(count_);
    number(end);
    const uint64_t sum = checksum_.value();
    buffer_.append(reinterpret_cast<const char*>(&sum), 8);
    flush();
    file_.commit();
  }

 private:
  void number(int64_t value) { put(&value, 8); }
  void put(const void* data, int64_t bytes) {
    checksum_.add(data, bytes);
    buffer_.append(static_cast<const char*>(data), static_cast<size_t>(bytes));
    if (static_cast<int64_t>(buffer_.size()) >= kBuffer) flush();
  }
  void flush() {
    file_.write(buffer_);
    buffer_.clear();
  }
  AtomicFile file_;
  Checksum checksum_;
  std::string buffer_;
  int64_t count_ = 0;
};

class FileReader {
 public:
  // `elements`: that there must be; negative: not known.
  FileReader(const std::string& path, const std::string& made_of, int64_t elements) : path_(path), file_(path) {
    char magic[8];
    damaged(file_.size() < static_cast<int64_t>(sizeof kMagic) + 8 + kTail, "it is too short");
    file_.read_at(0, magic, sizeof magic);
    require(std::memcmp(magic, kMagic, sizeof magic) == 0, path_,
            "a cache must be a file that cache() wrote. Got another one. Give another path.");
    int64_t tail[2], length = 0;
    file_.read_at(file_.size() - kTail, tail, sizeof tail);
    count_ = tail[0];
    end_ = tail[1];
    file_.read_at(sizeof kMagic, &length, 8);
    damaged(count_ < 0 || end_ != file_.size() - kTail || length < 0 || length > end_ - 16, "its lengths do not agree");
    std::string text(static_cast<size_t>(length), '\0');
    file_.read_at(16, text.data(), length);
    require(text == made_of, path_, "the cache must have been made of the same data, elements of ", made_of, " Got ",
            text, " Remove the file, or give another path.");
    require(elements < 0 || elements == count_, path_, "the cache must have been made of the same data, ", elements,
            " elements. Got ", count_, ". Remove the file, or give another path.");
    at_ = 16 + length;
    check_sum();
  }
  bool next(Element& element) {
    if (at_ == end_) return false;
    element.clear();
    const int64_t components = number();
    damaged(components < 0 || components > 4096, "an element's number of components is wrong");
    for (int64_t c = 0; c < components; ++c) {
      const int64_t type = number(), rank = number();
      damaged(type < 0 || type > static_cast<int64_t>(DType::Bool) || rank < 0 || rank > Shape::kMaxRank,
              "an element's type is wrong");
      std::vector<int64_t> dims;
      int64_t bytes = size_of(static_cast<DType>(type));
      for (int64_t i = 0; i < rank; ++i) {
        dims.push_back(number());
        damaged(dims.back() < 0 || __builtin_mul_overflow(bytes, dims.back(), &bytes), "an element's shape is wrong");
      }
      damaged(bytes > end_ - at_, "an element reaches beyond its end");
      Array array(static_cast<DType>(type), Shape(dims));
      if (bytes > 0) file_.read_at(at_, array.raw(), bytes);
      at_ += bytes;
      element.push_back(std::move(array));
    }
    return true;
  }

 private:
  void damaged(bool yes, const char* how) const {
    require(!yes, path_, "a cache must be whole. Got a damaged file: ", how, ". Remove it, and it is made again.");
  }
  int64_t number() {
    int64_t value = 0;
    damaged(end_ - at_ < 8, "an element reaches beyond its end");
    file_.read_at(at_, &value, 8);
    at_ += 8;
    return value;
  }
  void check_sum() {
    Checksum sum;
    std::vector<char> part(kBuffer);
    for (int64_t at = 0; at < file_.size() - 8; at += kBuffer) {
      const int64_t bytes = std::min(kBuffer, file_.size() - 8 - at);
      file_.read_at(at, part.data(), bytes);
      sum.add(part.data(), bytes);
    }
    uint64_t stated = 0;
    file_.read_at(file_.size() - 8, &stated, 8);
    damaged(sum.value() != stated, "its checksum does not agree");
  }
  std::string path_;
  InputFile file_;
  int64_t count_ = 0, at_ = 0, end_ = 0;
};

class ReadingStream final : public Stream {
 public:
  ReadingStream(const std::string& path, const std::string& made_of, int64_t elements)
      : reader_(path, made_of, elements) {}
  bool next(Element& element) override { return reader_.next(element); }

 private:
  FileReader reader_;
};

class WritingStream final : public Stream {
 public:
  WritingStream(std::unique_ptr<Stream> before, const std::string& path, const std::string& made_of)
      : before_(std::move(before)) {
    writer_.emplace(path, made_of);
  }
  bool next(Element& element) override {
    if (before_->next(element)) {
      if (writer_) writer_->add(element);
      return true;
    }
    if (writer_) writer_->finish();
    writer_.reset();
    return false;
  }

 private:
  std::unique_ptr<Stream> before_;
  std::optional<FileWriter> writer_;
};

class FileCache final : public FollowingStage {
 public:
  FileCache(std::shared_ptr<const Stage> before, std::string path)
      : FollowingStage(std::move(before)), path_(std::move(path)) {
    for (const Column& column : this->before().columns())
      require(column.dtype != DType::String, path_, "a cache in a file holds numbers. Got text: cache it in memory.");
  }
  std::unique_ptr<Stream> open(uint64_t) const override {
    const std::string made_of = identity(before().columns());
    if (!std::filesystem::exists(path_))
      return std::make_unique<WritingStream>(before().open(kKeptPass), path_, made_of);
    return std::make_unique<ReadingStream>(path_, made_of, before().cardinality());
  }
  int64_t resident_bytes() const override { return before().resident_bytes() + 2 * kBuffer; }
  void hold_decoded(DecodedRoom&) const override {}  // what comes before is read once

 private:
  std::string path_;
};

}  // namespace

std::shared_ptr<const Stage> cached_in_file(std::shared_ptr<const Stage> before, const std::string& path) {
  return std::make_shared<FileCache>(std::move(before), path);
}

}  // namespace batchwise
