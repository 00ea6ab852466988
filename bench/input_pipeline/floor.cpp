// The floor of the question: libjpeg-turbo alone on all cores, reading each file and decoding it into a frame that is
// used again.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <vector>

#include <jpeglib.h>

#include "conversation.h"

namespace {

// The settings are TensorFlow's and batchwise's: the fast integer transform, smooth chroma.
class Decoder {
 public:
  Decoder() {
    jpeg_.err = jpeg_std_error(&errors_);
    jpeg_create_decompress(&jpeg_);
  }
  ~Decoder() { jpeg_destroy_decompress(&jpeg_); }

  uint8_t decode(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY);
    struct stat facts;
    if (file < 0 || ::fstat(file, &facts) != 0) return 0;
    bytes_.resize(static_cast<size_t>(facts.st_size));
    const ssize_t got = ::read(file, bytes_.data(), bytes_.size());
    ::close(file);
    if (got != facts.st_size) return 0;
    jpeg_mem_src(&jpeg_, bytes_.data(), bytes_.size());
    jpeg_read_header(&jpeg_, TRUE);
    jpeg_.dct_method = JDCT_IFAST;
    jpeg_.out_color_space = JCS_RGB;
    jpeg_start_decompress(&jpeg_);
    const size_t row_bytes = jpeg_.output_width * size_t{3};
    frame_.resize(row_bytes * jpeg_.output_height);
    while (jpeg_.output_scanline < jpeg_.output_height) {
      JSAMPROW row = frame_.data() + jpeg_.output_scanline * row_bytes;
      jpeg_read_scanlines(&jpeg_, &row, 1);
    }
    jpeg_finish_decompress(&jpeg_);
    return frame_[frame_.size() / 2];
  }

 private:
  jpeg_decompress_struct jpeg_;
  jpeg_error_mgr errors_;
  std::vector<uint8_t> bytes_, frame_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1]))
    if (entry.is_regular_file()) paths.push_back(entry.path().string());
  const unsigned cores = std::thread::hardware_concurrency();
  std::vector<Decoder> decoders(cores);
  std::atomic<uint64_t> sum{0};
  const auto epoch = [&] {
    std::atomic<size_t> next{0};
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < cores; ++t)
      threads.emplace_back([&, t] {
        for (size_t i; (i = next++) < paths.size();) sum += decoders[t].decode(paths[i]);
      });
  };
  while (const std::optional<bench::Request> request = bench::next_request()) {
    if (request->word == "losses") {
      bench::answer("losses");
    } else if (request->word == "train") {
      epoch();
      bench::answer("ready");
    } else if (request->word == "steps") {
      const auto start = std::chrono::steady_clock::now();
      for (int64_t i = 0; i < request->count; ++i) epoch();
      bench::answer("seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
  }
  bench::answer("peak", bench::peak_bytes());
  return 0;
}
