// The header of .npy files: a Python dict in text, parsed with every size checked before it is believed.
#include <cctype>
#include <charconv>
#include <cstring>
#include <optional>
#include <vector>

#include "formats/npy/npy.h"

namespace batchwise {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

struct Fields {
  std::optional<std::string> descr;
  std::optional<bool> fortran_order;
  std::optional<std::vector<int64_t>> shape;
};

// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }: a dict of strings, bools and tuples of whole numbers.
class DictParser {
 public:
  DictParser(std::string_view text, std::string_view where) : text_(text), where_(where) {}

  Fields parse() {
    Fields fields;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr" && !fields.descr) {
        skip();
        require(at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"'), where_,
                "elements must be plain numbers, not records. Got the header ", shown(), ".");
        fields.descr = string();
      } else if (key == "fortran_order" && !fields.fortran_order) {
        fields.fortran_order = boolean();
      } else if (key == "shape" && !fields.shape) {
        fields.shape = tuple();
      } else {
        broken();
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip();
    if (at_ != text_.size() || !fields.descr || !fields.fortran_order || !fields.shape) broken();
    return fields;
  }

 private:
  [[noreturn]] void broken() {
    fail(where_, "the header of an .npy file must be a dict with descr, fortran_order and shape. Got ", shown(), ".");
  }
  std::string shown() const {
    std::string out = "\"";
    for (char c : text_.substr(0, 120)) out += std::isprint(static_cast<unsigned char>(c)) ? c : '?';
    return out + (text_.size() > 120 ? "...\"" : "\"");
  }
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  bool accept(char c) {
    skip();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) broken();
  }
  bool accept_word(std::string_view word) {
    skip();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  std::string string() {
    skip();
    if (at_ == text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) broken();
    const char quote = text_[at_++];
    const size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) broken();
    const std::string value(text_.substr(at_, end - at_));
    at_ = end + 1;
    return value;
  }
  bool boolean() {
    if (accept_word("True")) return true;
    if (!accept_word("False")) broken();
    return false;
  }
  int64_t integer() {
    skip();
    const size_t first = at_;
    int64_t value = 0;
    for (; at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])); ++at_)
      require(!__builtin_mul_overflow(value, int64_t{10}, &value) &&
                  !__builtin_add_overflow(value, int64_t{text_[at_] - '0'}, &value),
              where_, "dimensions must fit 63 bits. Got the header ", shown(), ".");
    if (at_ == first) broken();
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // Python 2
    return value;
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> dims;
    expect('(');
    while (!accept(')')) {
      require(dims.size() < Shape::kMaxRank, where_, "an array may have at most ", Shape::kMaxRank,
              " dimensions. Got more.");
      dims.push_back(integer());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return dims;
  }

  std::string_view text_;
  std::string_view where_;
  size_t at_ = 0;
};

struct Code {
  std::string_view code;
  DType dtype;
};
constexpr Code kCodes[] = {{"f4", DType::Float32}, {"f8", DType::Float64}, {"f2", DType::Float16}, {"i1", DType::Int8},
                           {"u1", DType::UInt8},   {"i2", DType::Int16},   {"u2", DType::UInt16},  {"i4", DType::Int32},
                           {"u4", DType::UInt32},  {"i8", DType::Int64},   {"u8", DType::UInt64},  {"b1", DType::Bool}};

constexpr int64_t kMaxTextWidth = int64_t{1} << 28;
constexpr int64_t kMaxEmptyTexts = int64_t{1} << 16;  // of width 0: no byte of the file vouches for their number

}  // namespace

NpyHeader parse_npy_header(std::string_view start, int64_t total_bytes, std::string_view where) {
  require(start.size() >= 10 && start.substr(0, 6) == kMagic, where,
          "an .npy file must start with \\x93NUMPY. Got another file", start.empty() ? " (an empty one)." : ".");
  const int major = static_cast<unsigned char>(start[6]);
  require(major >= 1 && major <= 3 && start[7] == 0, where, "the version of an .npy file must be 1.0, 2.0 or 3.0. Got ",
          major, ".", static_cast<int>(start[7]), ".");
  const size_t prefix = major == 1 ? 10 : 12;
  require(start.size() >= prefix, where, "the file must hold a whole header. Got ", start.size(), " bytes.");
  uint64_t length = 0;
  for (size_t i = prefix; i-- > 8;) length = length << 8 | static_cast<unsigned char>(start[i]);
  require(length <= 64 * 1024, where, "the header of an .npy file may have at most 65536 bytes. Got ", length, ".");
  require(prefix + length <= start.size(), where, "the file must hold a whole header of ", length,
          " bytes. Got a file of ", total_bytes, " bytes.");
  const Fields fields = DictParser(start.substr(prefix, length), where).parse();

  NpyHeader header;
  const std::string& descr = *fields.descr;
  const bool marked = !descr.empty() && std::strchr("<>|=", descr[0]) != nullptr;
  const std::string_view code = std::string_view(descr).substr(marked ? 1 : 0);
  require(code.empty() || code[0] != 'O', where, "elements must be numbers; Python objects are never loaded. Got \"",
          descr, "\".");
  if (!code.empty() && (code[0] == 'U' || code[0] == 'S')) {
    int64_t width = -1;
    const auto [end, error] = std::from_chars(code.data() + 1, code.data() + code.size(), width);
    require(error == std::errc() && end == code.data() + code.size() && width >= 0 && width <= kMaxTextWidth, where,
            "texts must have a width of at most ", kMaxTextWidth, " characters. Got \"", descr, "\".");
    header.dtype = DType::String;
    header.text_is_wide = code[0] == 'U';
    header.text_bytes = width * (header.text_is_wide ? 4 : 1);
    header.swapped = descr[0] == '>' && header.text_is_wide;
  } else {
    const Code* known = nullptr;
    for (const Code& entry : kCodes)
      if (entry.code == code) known = &entry;
    require(known != nullptr, where,
            "elements must be bools, integers of 8 to 64 bits, floats of 16, 32 or 64 bits, or texts. Got \"", descr,
            "\".");
    header.dtype = known->dtype;
    header.swapped = descr[0] == '>' && size_of(header.dtype) > 1;
  }
  const std::vector<int64_t>& dims = *fields.shape;
  header.fortran_order = *fields.fortran_order && dims.size() > 1;
  require(!header.fortran_order || header.dtype != DType::String, where,
          "texts of two and more dimensions must be in C order. Got Fortran order.");

  int64_t bytes = std::max<int64_t>(size_of(header.dtype), header.text_bytes);
  for (int64_t dim : dims)
    require(!__builtin_mul_overflow(bytes, std::max<int64_t>(dim, 1), &bytes), where,
            "the size of the array must fit 63 bits. Got more.");
  header.shape = Shape(std::span<const int64_t>(dims));
  require(header.dtype != DType::String || header.text_bytes > 0 || header.shape.count() <= kMaxEmptyTexts, where,
          "an array of width 0 may have at most ", kMaxEmptyTexts, " texts. Got the shape ", header.shape, ".");
  header.data_offset = static_cast<int64_t>(prefix + length);
  require(header.data_bytes() == total_bytes - header.data_offset, where, "an array of shape ", header.shape,
          " and type ", header.dtype, " needs ", header.data_bytes(), " bytes of data. Got ",
          total_bytes - header.data_offset, ".");
  return header;
}

std::string npy_header(DType dtype, const Shape& shape) {
  const Code* known = nullptr;
  for (const Code& entry : kCodes)
    if (entry.dtype == dtype) known = &entry;
  require(known != nullptr, "npy", "elements must have a type that NumPy knows. Got ", dtype,
          ". Use cast(DType::Float32).");
  std::string dims;
  for (int64_t dim : shape) dims += std::to_string(dim) + ", ";
  if (shape.rank() > 1) dims.resize(dims.size() - 2);
  if (shape.rank() == 1) dims.resize(dims.size() - 1);
  std::string dict = "{'descr': '" + std::string(size_of(dtype) == 1 ? "|" : "<") + std::string(known->code) +
                     "', 'fortran_order': False, 'shape': (" + dims + "), }";
  // Room for 19 digits of rows, so that the header keeps its size while rows are appended; then to a multiple of 64.
  if (shape.rank() > 0) dict.append(19 - std::to_string(shape[0]).size(), ' ');
  dict.append((64 - (10 + dict.size() + 1) % 64) % 64, ' ');
  dict += '\n';
  std::string header(kMagic);
  header += {'\x01', '\x00', static_cast<char>(dict.size() & 255), static_cast<char>(dict.size() >> 8)};
  return header + dict;
}

}  // namespace batchwise
