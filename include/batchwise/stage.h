// What pipelines are made of: elements, streams of them, and stages that say which elements there are.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <batchwise/array.h>

namespace batchwise {

// One column of a data set: an input, a target or a sample weight.
struct Column {
  std::string name;              // "" for the only one
  Shape shape;                   // of one sample
  DType dtype = DType::Float32;  // as stored
};

// Takes a file that data are read from: its path, and a text that is another one whenever the file is.
using FileSink = std::function<void(std::string_view path, std::string_view state)>;

class DecodedRoom;  // where decoded samples are held in memory

// Rows in storage order. Thread-safe: const calls may run concurrently. Fetching must not allocate, unless costly.
class Source : public std::enable_shared_from_this<Source> {
 public:
  virtual ~Source() = default;
  virtual int64_t size() const = 0;  // samples
  virtual const std::vector<Column>& columns() const = 0;
  // Writes column `column` of the samples `rows` one after another to `out`, in the column's stored dtype.
  // Elements of dtype String point to text that lives as long as the source.
  virtual void fetch(int column, std::span<const int64_t> rows, void* out) const = 0;
  // The `count` samples from `first` on, where they lie one after another in memory as fetch would write them, for as
  // long as the source lives. Null: they do not.
  virtual const void* rows_at(int /*column*/, int64_t /*first*/, int64_t /*count*/) const { return nullptr; }
  virtual std::string describe() const { return "data"; }  // for messages: a file name
  // One sample, for messages: "sample 5 of data.npz", or its own file. They count from 0.
  virtual std::string describe_row(int64_t row, uint64_t pass = 0) const;
  virtual int64_t resident_bytes() const { return 0; }  // memory the source holds: the plan's pipeline bytes
  // Reading a row again costs more than copying it from memory: what is a small part of the budget is read once.
  virtual bool worth_holding() const { return resident_bytes() == 0; }
  // A text that is another one whenever the rows would be; "": not known. Names a cache of the rows.
  virtual std::string identity() const { return ""; }
  virtual void list_files(const FileSink& /*sink*/) const {}  // that rows are read from, as far as they are known
  // Who decodes files takes a part of the room, and holds there what it has decoded for as long as the room lives.
  virtual void hold_decoded(DecodedRoom& /*room*/) const {}

  // All columns of the samples at once, where they come from one piece of work: decoding, mapping. `pass` counts the
  // times through the data: what is random about a sample is addressed by it. A null in `out`: a column not wanted.
  virtual void read(std::span<const int64_t> rows, uint64_t pass, std::span<void* const> out) const;
  // A sample takes more than copying: it is read by read(), once for all its columns, and ahead when it pays.
  virtual bool costly() const { return false; }
  // Samples are decoded from files: who takes them one after another has workers make them ahead.
  virtual bool decodes() const { return false; }
  // Memory that one call of read() takes while it runs: the plan counts it for every reader.
  virtual int64_t reader_bytes() const { return 0; }
};

// What flows through a pipeline: one array per component (inputs, then targets, then sample weights).
using Element = std::vector<Array>;

constexpr int64_t kInfinite = -1, kUnknown = -2;  // instead of a number of elements
constexpr int64_t kUnknownDim = -1;               // in the shape of a Column: differs from element to element

// Where a random number of a stage comes from: the same address gives the same numbers, whoever computes them.
struct Address {
  uint64_t seed = 0;   // of the stage
  uint64_t pass = 0;   // the time through the data
  int64_t sample = 0;  // its place in that pass, or its row
  uint64_t key() const;
};

// One pass over the elements of a stage. Not thread-safe. REQUIRES: the stage outlives it.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual bool next(Element& element) = 0;  // false at the end, and from then on
  // Moves on without the elements; how many of the `count` there were. What a stage need not compute, it does not.
  virtual int64_t skip(int64_t count);
  // No more than `elements` will be asked for from here on, as far as is known: what works ahead need not go further.
  virtual void expect(int64_t /*elements*/) {}
};

// What a stage that works ahead has measured: who waited for whom.
struct StageFacts {
  std::string name;
  int64_t workers = 0, depth = 0;  // as last used
  bool chosen = false;             // workers or depth were left to be chosen
  int64_t elements = 0;
  double work_seconds = 0;    // of all workers together
  double waited_seconds = 0;  // by the one who asked
};

// A stage of a pipeline: a declaration, immutable, shared. Thread-safe.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual std::vector<Column> columns() const = 0;  // shapes may have kUnknownDim
  virtual int64_t cardinality() const = 0;          // elements of a pass; kInfinite, kUnknown
  // The same elements for the same pass. Passes count from 0; what a stage shuffles anew, it shuffles by pass.
  virtual std::unique_ptr<Stream> open(uint64_t pass) const = 0;
  virtual std::string describe() const { return "data"; }
  virtual int64_t resident_bytes() const { return 0; }  // memory that one stream and the stage hold, as far as known

  // Appends the facts of this stage and of those before it, first things first.
  virtual void report(std::vector<StageFacts>& /*facts*/) const {}
  // A text that is another one whenever the files that are read are, by their names, sizes and times of change; "": not
  // known.
  virtual std::string files() const { return ""; }
  virtual void list_files(const FileSink& /*sink*/) const {}  // each of them
  virtual void hold_decoded(DecodedRoom& /*room*/) const {}   // as of a source

  // The same elements by number, where that is possible; null: only one after another.
  virtual std::shared_ptr<const Source> rows() const { return nullptr; }
  // For a stage whose elements are batches: the samples that it puts into them; null: not such a stage.
  virtual std::shared_ptr<const Stage> samples() const { return nullptr; }
  // Rows that elements which are batches are meant to have, all but the last; 0: not known. A function of one's own may
  // give others: who relies on it looks.
  virtual int64_t rows_each() const { return 0; }
  // True when the order of the elements was decided (by shuffling): nobody shuffles them again.
  virtual bool ordered() const { return false; }
};

}  // namespace batchwise
