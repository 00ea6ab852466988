// csv_dataset: what each column holds is found or stated, numbers go through the cache, text into memory.
#include <batchwise/csv_dataset.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>
#include <memory>
#include <set>

#include <batchwise/registry.h>

#include "data/cache_folder.h"
#include "data/sources/joined_columns.h"
#include "data/sources/memory.h"
#include "data/sources/npy.h"
#include "data/text_blocks.h"
#include "formats/csv/csv_fields.h"
#include "formats/csv/csv_records.h"
#include "formats/npy/npy.h"

namespace batchwise {
namespace {

enum class Kind { Unknown, Number, Integer, Date, Text };

Kind kind_named(const std::string& name, const std::string& where) {
  constexpr const char* kNames[] = {"", "number", "integer", "date", "text"};
  for (size_t i = 0; i < std::size(kNames); ++i)
    if (name == kNames[i]) return static_cast<Kind>(i);
  fail(where, "a column's kind must be \"number\", \"integer\", \"date\", \"text\" or \"\". Got \"", name, "\".");
}

// A column of the file that is wanted.
struct Wanted {
  CsvColumn said;
  size_t place = 0;  // in a record
  bool target = false;
  Kind kind = Kind::Unknown;
  std::vector<std::string> classes;  // of a target of text, by label
  bool numbered = false;             // the classes are those of other data
  bool in_order = true;              // the classes are sorted
  std::vector<std::string_view> texts;

  bool is_class() const { return target && kind == Kind::Text; }
  bool in_memory() const { return !target && kind == Kind::Text; }
};

// The first of many names.
std::string listed(const std::vector<std::string>& names) {
  constexpr size_t kShown = 20;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) text += (i == 0 ? "\"" : ", \"") + names[i] + '"';
  return names.size() > kShown ? text + ", ..." : text;
}

class CsvFile {
 public:
  CsvFile(std::string path, const CsvOptions& options)
      : path_(std::move(path)), header_(options.header), na_values_(options.na_values) {
    CsvRecords records(path_);
    require(records.next(), path_, "the file must have a header. Got an empty file.");
    for (size_t i = 0; i < records.fields().size(); ++i)
      names_.push_back(header_ ? std::string(trimmed(records.fields()[i])) : std::to_string(i));
    for (const CsvColumn& column : options.inputs) want(column, false);
    for (const CsvColumn& column : options.targets) want(column, true);
    number(options);
    joint_ = options.inputs.empty();
    if (joint_) want_the_rest();
    find_kinds();
    keep_texts();
  }

  CsvDataset data() {
    std::vector<JoinedColumns::Part> parts;
    std::vector<std::string> names;
    std::vector<std::vector<std::string>> classes;
    const std::shared_ptr<const Source> numbers = from_cache();
    int at = 0;
    const auto add = [&](std::shared_ptr<const Source> source, int column, const std::string& name) {
      parts.push_back({std::move(source), column});
      names.push_back(name);
    };
    if (joint_) add(numbers, at++, "");
    for (Wanted& column : wanted_) {
      if (joint_ && !column.target) continue;
      if (column.target) classes.push_back(column.classes);
      if (column.in_memory()) add(in_memory(column), 0, names_[column.place]);
      else add(numbers, at++, names_[column.place]);
    }
    const int targets = static_cast<int>(classes.size()), inputs = static_cast<int>(parts.size()) - targets;
    return {Dataset(std::make_shared<JoinedColumns>(std::move(parts), std::move(names), path_), inputs, targets),
            std::move(classes)};
  }

 private:
  void want(const CsvColumn& column, bool target) {
    Wanted wanted{column, place_of(column.name), target, kind_named(column.kind, path_), {}, {}};
    for (const Wanted& other : wanted_)
      require(other.place != wanted.place, path_, "a column must be named once. Got \"", column.name, "\" again.");
    wanted_.push_back(std::move(wanted));
  }

  void number(const CsvOptions& options) {
    const size_t first = wanted_.size() - options.targets.size();
    for (size_t i = 0; i < std::min(options.numbered_as.size(), options.targets.size()); ++i) {
      Wanted& target = wanted_[first + i];
      target.classes = options.numbered_as[i];
      target.numbered = !target.classes.empty();
      target.in_order = std::is_sorted(target.classes.begin(), target.classes.end());
      if (target.numbered) target.kind = Kind::Text;
    }
  }

  void want_the_rest() {
    std::vector<Wanted> rest;
    for (size_t place = 0; place < names_.size(); ++place)
      if (std::none_of(wanted_.begin(), wanted_.end(), [&](const Wanted& w) { return w.place == place; }))
        rest.push_back({CsvColumn(names_[place]), place, false, Kind::Number, {}, {}});
    require(!rest.empty(), path_, "besides the targets there must be at least one column. Got none.");
    wanted_.insert(wanted_.begin(), rest.begin(), rest.end());
  }

  size_t place_of(const std::string& name) const {
    if (const auto at = std::find(names_.begin(), names_.end(), trimmed(name)); at != names_.end())
      return static_cast<size_t>(at - names_.begin());
    size_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size() && number < names_.size()) return number;
    const std::string near = nearest_name(name, names_);
    fail(path_, "a column must be a name of the header or a number from 0 to ", names_.size() - 1, ". Got \"", name,
         "\".", near.empty() ? "" : " Did you mean \"" + near + "\"?");
  }

  // Calls `see` with every record below the header.
  void each_record(const std::function<void(const CsvRecords&)>& see) const {
    CsvRecords records(path_);
    if (header_) records.next();
    int64_t seen = 0;
    for (; records.next(); ++seen) {
      require(records.fields().size() == names_.size(), path_, "line ", records.line(), ": every record must have ",
              names_.size(), " fields. Got ", records.fields().size(), ".");
      see(records);
    }
    require(seen > 0, path_, "the file must have at least one record below its header. Got none.");
  }

  bool missing(const std::string& field) const {
    return std::find(na_values_.begin(), na_values_.end(), trimmed(field)) != na_values_.end();
  }

  // What a field says, or what stands for it.
  const std::string& field(const CsvRecords& records, const Wanted& column) const {
    const std::string& field = records.fields()[column.place];
    if (!missing(field)) return field;
    require(column.said.missing.has_value(), path_, "line ", records.line(), ", \"", names_[column.place],
            "\": a field must not be missing. Got \"", field,
            "\". Say what is to be read instead: the column's `missing`.");
    return *column.said.missing;
  }

  void find_kinds() {
    if (std::none_of(wanted_.begin(), wanted_.end(), [](const Wanted& w) { return w.kind == Kind::Unknown; })) return;
    std::vector<Wanted*> open;
    for (Wanted& column : wanted_)
      if (column.kind == Kind::Unknown) open.push_back(&column);
    std::vector<char> text(open.size(), 0);
    each_record([&](const CsvRecords& records) {
      float ignored;
      for (size_t i = 0; i < open.size(); ++i)
        if (const std::string& field = records.fields()[open[i]->place]; !missing(field) && !text[i])
          text[i] = !parse_number(field, &ignored);
    });
    for (size_t i = 0; i < open.size(); ++i) open[i]->kind = text[i] ? Kind::Text : Kind::Number;
  }

  void keep_texts() {
    if (std::none_of(wanted_.begin(), wanted_.end(), [](const Wanted& w) { return w.kind == Kind::Text; })) return;
    std::vector<std::set<std::string>> classes(wanted_.size());
    each_record([&](const CsvRecords& records) {
      for (size_t i = 0; i < wanted_.size(); ++i)
        if (wanted_[i].in_memory()) wanted_[i].texts.push_back(blocks_->add(field(records, wanted_[i])));
        else if (wanted_[i].is_class() && !wanted_[i].numbered) classes[i].emplace(trimmed(field(records, wanted_[i])));
    });
    for (size_t i = 0; i < wanted_.size(); ++i)
      if (!wanted_[i].numbered) wanted_[i].classes.assign(classes[i].begin(), classes[i].end());
  }

  std::shared_ptr<const Source> in_memory(Wanted& column) const {
    Array array(DType::String, {static_cast<int64_t>(column.texts.size())});
    std::copy(column.texts.begin(), column.texts.end(), array.data<std::string_view>());
    array.keep(blocks_);
    column.texts = {};
    return std::make_shared<MemorySource>(std::vector<Array>{std::move(array)}, std::vector<std::string>{}, path_);
  }

  // One file in the cache per column of numbers; the joint input is one.
  struct Kept {
    DType dtype;
    std::vector<const Wanted*> columns;
  };
  std::vector<Kept> kept() const {
    std::vector<Kept> all;
    if (joint_) all.push_back({DType::Float32, {}});
    for (const Wanted& column : wanted_) {
      if (column.in_memory()) continue;
      if (joint_ && !column.target) all[0].columns.push_back(&column);
      else
        all.push_back({column.kind == Kind::Integer ? DType::Int64
                       : column.kind == Kind::Date  ? DType::Float64
                       : column.kind == Kind::Text  ? DType::Int32
                                                    : DType::Float32,
                       {&column}});
    }
    return all;
  }

  std::shared_ptr<const Source> from_cache() const {
    const std::vector<Kept> all = kept();
    if (all.empty()) return nullptr;
    std::vector<std::string> purposes;
    for (const Kept& one : all) purposes.push_back(purpose_of(one));
    const auto paths = cached(path_, purposes, [&](const std::vector<std::string>& outputs) { write(all, outputs); });
    std::vector<FileColumn> columns;
    for (const std::string& file : paths) columns.push_back(npy_column(file, ""));
    return std::make_shared<FileRows>(std::move(columns), path_);
  }

  std::string purpose_of(const Kept& one) const {
    std::string text = std::string(header_ ? "csv" : "headerless csv") + " columns of " +
                       std::string(name_of(one.dtype)) + (joint_ ? " side by side" : "");
    for (const Wanted* column : one.columns) {
      text += "; " + std::to_string(column->place) + (column->said.missing ? '=' + *column->said.missing : "");
      if (column->numbered)
        for (const std::string& name : column->classes) text += " as:" + std::to_string(name.size()) + ' ' + name;
    }
    for (const std::string& value : na_values_) text += " na:" + value;
    return text;
  }

  void write(const std::vector<Kept>& all, const std::vector<std::string>& outputs) const {
    constexpr size_t kAtOnce = 64 * 1024;  // bytes: one write per row would cost more than parsing it
    std::vector<std::unique_ptr<NpyWriter>> writers;
    std::vector<std::vector<std::byte>> rows(all.size());
    std::vector<size_t> row_bytes;
    for (size_t k = 0; k < all.size(); ++k) {
      const auto columns = static_cast<int64_t>(all[k].columns.size());
      const Shape row = joint_ && k == 0 ? Shape{columns} : Shape{};
      writers.push_back(std::make_unique<NpyWriter>(outputs[k], all[k].dtype, row));
      row_bytes.push_back(static_cast<size_t>(columns * size_of(all[k].dtype)));
    }
    const auto flush = [&](size_t k) {
      writers[k]->append(rows[k].data(), static_cast<int64_t>(rows[k].size() / row_bytes[k]));
      rows[k].clear();
    };
    each_record([&](const CsvRecords& records) {
      for (size_t k = 0; k < all.size(); ++k) {
        for (const Wanted* column : all[k].columns) append(records, *column, rows[k]);
        if (rows[k].size() >= kAtOnce) flush(k);
      }
    });
    for (size_t k = 0; k < all.size(); ++k) {
      flush(k);
      writers[k]->commit();
    }
  }

  void append(const CsvRecords& records, const Wanted& column, std::vector<std::byte>& to) const {
    const std::string& text = field(records, column);
    const auto put = [&](const auto& value) {
      const auto* bytes = reinterpret_cast<const std::byte*>(&value);
      to.insert(to.end(), bytes, bytes + sizeof value);
    };
    const auto check = [&](bool good, const char* rule) {
      require(good, path_, "line ", records.line(), ", \"", names_[column.place], "\": a field must be ", rule,
              ". Got \"", text.substr(0, 60), "\".");
    };
    float number = 0;
    int64_t integer = 0;
    double days = 0;
    switch (column.kind) {
      case Kind::Integer: check(parse_integer(text, &integer), "a whole number"); return put(integer);
      case Kind::Date:
        check(parse_date(text, &days), "a date such as 2024-02-29 or 2024-02-29 12:30:15");
        return put(days);
      case Kind::Text: {
        const auto& classes = column.classes;
        const std::string_view name = trimmed(text);
        const auto at = column.in_order ? std::lower_bound(classes.begin(), classes.end(), name)
                                        : std::find(classes.begin(), classes.end(), name);
        if (at != classes.end() && *at == name) return put(static_cast<int32_t>(at - classes.begin()));
        check(false, column.numbered ? ("one of the classes that labels are numbered by, " + listed(classes)).c_str()
                                     : "as it was a moment ago");
        return;
      }
      default:
        check(parse_number(text, &number),
              joint_ && !column.target ? "a number, unless the inputs are named one by one" : "a number");
        return put(number);
    }
  }

  std::string path_;
  bool header_;
  std::vector<std::string> na_values_, names_;
  std::vector<Wanted> wanted_;  // inputs, then targets
  bool joint_ = false;          // all inputs are one
  std::shared_ptr<TextBlocks> blocks_ = std::make_shared<TextBlocks>();
};

}  // namespace

CsvDataset csv_dataset(const std::string& path, const CsvOptions& options) { return CsvFile(path, options).data(); }

}  // namespace batchwise
