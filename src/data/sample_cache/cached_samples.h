// A source whose rows are kept in a file: what was fetched once is read from there, in this run and in later ones.
#pragma once

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include <batchwise/dataset.h>

#include "data/sample_cache/sample_file.h"
#include "data/written_once.h"

namespace batchwise {

// The file is filled as rows are fetched, in any order, and takes its name when all are there. Two runs on one path
// each fill a file of their own; the last to finish gives it the name. Rows have the same bits with and without it.
class CachedSamples : public Source {
 public:
  // What becomes of a file at the path that is no cache of this source: names that state what they are of may be used
  // anew, those that people give may not.
  enum class OtherFile { Replaced, Refused };
  // Throws Error(Input) when the source has no identity, or when a new file cannot be made or has no room on the disk.
  CachedSamples(std::shared_ptr<const Source> source, const std::string& path, OtherFile other = OtherFile::Replaced);
  ~CachedSamples() override;

  int64_t size() const override { return source_->size(); }
  const std::vector<Column>& columns() const override { return source_->columns(); }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override;
  std::string describe() const override { return source_->describe(); }
  std::string describe_row(int64_t row, uint64_t pass) const override { return source_->describe_row(row, pass); }
  int64_t resident_bytes() const override;
  std::string identity() const override { return layout_.identity; }
  void list_files(const FileSink& sink) const override { source_->list_files(sink); }
  bool decodes() const override { return source_->decodes() && !complete(); }
  bool complete() const;  // all rows come from the file
  const std::shared_ptr<const Source>& source() const { return source_; }

 private:
  void fetch_row(int column, int64_t row, std::byte* out) const;
  void finish() const;

  std::shared_ptr<const Source> source_;
  std::string path_;
  SampleFileLayout layout_;
  mutable std::shared_mutex mutex_;  // exclusive while the one file takes the place of the other
  mutable std::unique_ptr<SampleFile> file_;
  mutable std::unique_ptr<SampleFileWriter> writer_;  // one of the two
  mutable WrittenOnce there_;                         // [row][column], while writing
  mutable std::atomic<int64_t> missing_{-1};          // cells; -1: nothing is to be filled
};

// Where a cache of `source` lies in a folder: named by its identity. Removes what killed runs left there a day ago.
std::string sample_cache_path(const std::string& folder, const Source& source);

}  // namespace batchwise
