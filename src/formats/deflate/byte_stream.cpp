// The bytes of a file in order, inflated by zlib.
#include "formats/deflate/byte_stream.h"

#include <algorithm>

#include <zlib.h>

#include <batchwise/error.h>

#include "base/input_file.h"

namespace batchwise {

struct ByteStream::Impl {
  explicit Impl(const std::string& path) : file(path) {}
  ~Impl() {
    if (compressed) ::inflateEnd(&stream);
  }

  InputFile file;
  int64_t offset = 0;  // of the next byte to read from the file
  bool compressed = false;
  bool ended = false;  // the gzip stream is complete
  z_stream stream{};
  Bytef packed[64 * 1024];
};

Packing packing_of(const std::string& path) {
  const InputFile file(path);
  unsigned char magic[2] = {};
  if (file.size() >= 2) file.read_at(0, magic, 2);
  return magic[0] == 0x1f && magic[1] == 0x8b ? Packing::Gzip : Packing::None;
}

ByteStream::ByteStream(const std::string& path, Packing packing) : impl_(std::make_unique<Impl>(path)) {
  if (packing == Packing::None) return;
  const int window = packing == Packing::Gzip ? 16 + MAX_WBITS : MAX_WBITS;
  require(::inflateInit2(&impl_->stream, window) == Z_OK, path, "zlib must start. Got no memory.");
  impl_->compressed = true;
}

ByteStream::~ByteStream() = default;
bool ByteStream::compressed() const { return impl_->compressed; }

int64_t ByteStream::read(void* data, int64_t bytes) {
  Impl& s = *impl_;
  if (!s.compressed) {
    const int64_t n = std::min(bytes, s.file.size() - s.offset);
    s.file.read_at(s.offset, data, n);
    s.offset += n;
    return n;
  }
  int64_t done = 0;
  while (done < bytes && !s.ended) {
    if (s.stream.avail_in == 0) {
      const int64_t n = std::min<int64_t>(sizeof s.packed, s.file.size() - s.offset);
      require(n > 0, s.file.path(), "a compressed file must be whole. Got a truncated one.");
      s.file.read_at(s.offset, s.packed, n);
      s.offset += n;
      s.stream.next_in = s.packed;
      s.stream.avail_in = static_cast<uInt>(n);
    }
    const uInt want = static_cast<uInt>(std::min<int64_t>(bytes - done, 1 << 30));
    s.stream.next_out = static_cast<Bytef*>(data) + done;
    s.stream.avail_out = want;
    const int status = ::inflate(&s.stream, Z_NO_FLUSH);
    require(status == Z_OK || status == Z_STREAM_END, s.file.path(),
            "a compressed file must be whole and undamaged. Got damaged data.");
    done += want - s.stream.avail_out;
    if (status == Z_STREAM_END) {
      // gzip files may be several streams one after another.
      if (s.stream.avail_in == 0 && s.offset == s.file.size()) s.ended = true;
      else ::inflateReset(&s.stream);
    }
  }
  return done;
}

}  // namespace batchwise
