// IDX files: the header, reading, unpacking.
#include "formats/idx/idx.h"

#include <algorithm>
#include <vector>

#include "formats/deflate/byte_stream.h"
#include "formats/npy/npy.h"

#include "base/input_file.h"

namespace batchwise {
namespace {

struct Code {
  int code;
  DType dtype;
};
constexpr Code kCodes[] = {{0x08, DType::UInt8}, {0x09, DType::Int8},    {0x0b, DType::Int16},
                           {0x0c, DType::Int32}, {0x0d, DType::Float32}, {0x0e, DType::Float64}};

// The header and the stream standing at the first element. `total` as for parse_idx_header.
IdxHeader start(ByteStream& stream, int64_t total, const std::string& path) {
  std::string bytes(4, '\0');
  bytes.resize(static_cast<size_t>(stream.read(bytes.data(), 4)));
  if (bytes.size() == 4) {
    const int rank = std::min<int>(static_cast<unsigned char>(bytes[3]), Shape::kMaxRank);
    bytes.resize(4 + 4 * static_cast<size_t>(rank));
    bytes.resize(4 + static_cast<size_t>(stream.read(bytes.data() + 4, 4 * rank)));
  }
  IdxHeader header = parse_idx_header(bytes, total, path);
  header.compressed = stream.compressed();
  return header;
}

void require_end(ByteStream& stream, const std::string& path) {
  char more = 0;
  require(stream.read(&more, 1) == 0, path, "an IDX file must end with its last element. Got more bytes.");
}

}  // namespace

IdxHeader parse_idx_header(std::string_view bytes, int64_t total_bytes, std::string_view where) {
  require(bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0, where,
          "an IDX file must start with two zero bytes, a type and a rank. Got another file.");
  const int type = static_cast<unsigned char>(bytes[2]), rank = static_cast<unsigned char>(bytes[3]);
  const Code* known = nullptr;
  for (const Code& entry : kCodes)
    if (entry.code == type) known = &entry;
  require(
      known != nullptr, where,
      "the type of an IDX file must be 8 (uint8), 9 (int8), 11 (int16), 12 (int32), 13 (float32) or 14 (float64). Got ",
      type, ".");
  require(rank >= 1 && rank <= Shape::kMaxRank, where, "an IDX file must have 1 to ", Shape::kMaxRank,
          " dimensions. Got ", rank, ".");
  IdxHeader header;
  header.dtype = known->dtype;
  header.data_offset = 4 + 4 * rank;
  require(static_cast<int64_t>(bytes.size()) >= header.data_offset, where, "an IDX file must hold its ", rank,
          " dimensions. Got a truncated file.");
  std::vector<int64_t> dims;
  int64_t size = size_of(header.dtype);
  for (int axis = 0; axis < rank; ++axis) {
    int64_t dim = 0;
    for (int i = 0; i < 4; ++i)
      dim = dim << 8 | static_cast<unsigned char>(bytes[static_cast<size_t>(4 + 4 * axis + i)]);
    require(!__builtin_mul_overflow(size, std::max<int64_t>(dim, 1), &size), where,
            "the size of the array must fit 63 bits. Got more.");
    dims.push_back(dim);
  }
  header.shape = Shape(std::span<const int64_t>(dims));
  require(total_bytes < 0 || total_bytes - header.data_offset == header.data_bytes(), where, "an array of shape ",
          header.shape, " and type ", header.dtype, " needs ", header.data_bytes(), " bytes of data. Got ",
          total_bytes - header.data_offset, ".");
  return header;
}

IdxHeader open_idx(const std::string& path) {
  ByteStream stream(path);
  return start(stream, stream.compressed() ? -1 : InputFile(path).size(), path);
}

Array read_idx(const std::string& path) {
  ByteStream stream(path);
  const int64_t file_bytes = InputFile(path).size();
  const IdxHeader header = start(stream, stream.compressed() ? -1 : file_bytes, path);
  // gzip packs at most 1032 to one: a bomb of a header is refused before anything is reserved for it.
  require(!header.compressed || header.data_bytes() / 1032 <= file_bytes, path, "an array of shape ", header.shape,
          " cannot be packed into ", file_bytes, " bytes. Got a header that says so.");
  Array array(header.dtype, header.shape);
  const int64_t got = stream.read(array.raw(), header.data_bytes());
  require(got == header.data_bytes(), path, "an array of shape ", header.shape, " needs ", header.data_bytes(),
          " bytes of data. Got ", got, ".");
  require_end(stream, path);
  if (size_of(header.dtype) > 1) swap_elements(array);
  return array;
}

void unpack_idx(const std::string& path, const std::string& npy_path) {
  ByteStream stream(path);
  const IdxHeader header = start(stream, stream.compressed() ? -1 : InputFile(path).size(), path);
  AtomicFile out(npy_path);
  out.write(npy_header(header.dtype, header.shape));
  Array piece(header.dtype, {64 * 1024 / size_of(header.dtype)});
  for (int64_t left = header.data_bytes(); left > 0;) {
    const int64_t want = std::min(left, piece.bytes());
    const int64_t got = stream.read(piece.raw(), want);
    require(got == want, path, "an array of shape ", header.shape, " needs ", header.data_bytes(),
            " bytes of data. Got ", header.data_bytes() - left + got, ".");
    if (size_of(header.dtype) > 1) swap_elements(piece);
    out.write(piece.raw(), got);
    left -= got;
  }
  require_end(stream, path);
  out.commit();
}

}  // namespace batchwise
