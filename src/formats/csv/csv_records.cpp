// Splits .csv text into records and fields.
#include "formats/csv/csv_records.h"

#include <algorithm>

#include <batchwise/error.h>

namespace batchwise {
namespace {

constexpr int64_t kPiece = 64 * 1024;  // bytes read at a time
constexpr size_t kMaxField = 1 << 20;  // bytes: a longer one is an open quote or no .csv at all
constexpr size_t kMaxFields = 1 << 20;

}  // namespace

CsvRecords::CsvRecords(const std::string& path) : file_(path) {
  char mark[3] = {};
  if (file_.size() < 3) return;
  file_.read_at(0, mark, 3);
  if (std::string_view(mark, 3) == "\xEF\xBB\xBF") offset_ = 3;
}

int CsvRecords::get() {
  if (at_ == buffer_.size()) {
    const int64_t bytes = std::min(kPiece, file_.size() - offset_);
    if (bytes <= 0) return -1;
    buffer_.resize(static_cast<size_t>(bytes));
    file_.read_at(offset_, buffer_.data(), bytes);
    offset_ += bytes;
    at_ = 0;
  }
  const int c = static_cast<unsigned char>(buffer_[at_++]);
  if (c == '\n') ++line_;
  return c;
}

void CsvRecords::refuse(std::string_view rule) const { fail(file_.path(), "line ", record_line_, ": ", rule); }

bool CsvRecords::next() {
  fields_.clear();
  record_line_ = line_;
  std::string field;
  enum { Start, Plain, Quoted, AfterQuote } state = Start;
  for (;;) {
    int c = get();
    if (c == 0) refuse("a .csv file must be text in UTF-8. Got a NUL byte: is it UTF-16, or no text at all?");
    if (state == Quoted) {
      if (c < 0) refuse("a quoted field must be closed. Got the end of the file.");
      if (c == '"') state = AfterQuote;
      else field += static_cast<char>(c);
      if (field.size() > kMaxField) refuse("a field may have at most 1048576 bytes. Got more: is a quote left open?");
      continue;
    }
    if (state == AfterQuote && c == '"') {
      field += '"';
      state = Quoted;
      continue;
    }
    if (c == '\r') {
      c = get();
      if (c != '\n' && c >= 0) refuse("a carriage return must stand before a line feed. Got one alone.");
    }
    if (c == ',' || c == '\n' || c < 0) {
      const bool nothing = fields_.empty() && field.empty() && state == Start;
      if (nothing && c < 0) return false;
      if (nothing && c == '\n') {
        record_line_ = line_;
        continue;
      }
      if (fields_.size() == kMaxFields) refuse("a record may have at most 1048576 fields. Got more.");
      fields_.push_back(std::move(field));
      field.clear();
      state = Start;
      if (c != ',') return true;
      continue;
    }
    if (state == AfterQuote)
      refuse("after a closing quote a comma or the end of the line must follow. Got other text.");
    if (c == '"') {
      if (state != Start) refuse("a quote may only stand at the start of a field. Got one inside.");
      state = Quoted;
      continue;
    }
    field += static_cast<char>(c);
    state = Plain;
    if (field.size() > kMaxField) refuse("a field may have at most 1048576 bytes. Got more.");
  }
}

}  // namespace batchwise
