// An HDF5 driver over Hdf5Bytes, and the three places where such bytes lie.
#include "formats/hdf5/hdf5_bytes.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include <hdf5.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

#include <batchwise/error.h>

namespace batchwise {

static_assert(std::is_same_v<hid_t, Hdf5Handle::Id> && std::is_same_v<herr_t, int>);

namespace {

class InFile final : public Hdf5Bytes {
 public:
  InFile(std::shared_ptr<const InputFile> file, int64_t offset, int64_t size)
      : file_(std::move(file)), offset_(offset), size_(size) {}
  int64_t size() const override { return size_; }
  void read_at(int64_t offset, void* data, int64_t bytes) override { file_->read_at(offset_ + offset, data, bytes); }

 private:
  std::shared_ptr<const InputFile> file_;
  int64_t offset_, size_;
};

class InMemory final : public Hdf5Bytes {
 public:
  explicit InMemory(std::string bytes) : bytes_(std::move(bytes)) {}
  int64_t size() const override { return static_cast<int64_t>(bytes_.size()); }
  void read_at(int64_t offset, void* data, int64_t bytes) override {
    std::memcpy(data, bytes_.data() + offset, static_cast<size_t>(bytes));
  }

 private:
  std::string bytes_;
};

class ToWrite final : public Hdf5Bytes {
 public:
  ToWrite(AtomicFile& file, int64_t offset) : file_(file), offset_(offset) {}
  int64_t size() const override { return file_.size() - offset_; }
  void read_at(int64_t offset, void* data, int64_t bytes) override { file_.read_at(offset_ + offset, data, bytes); }
  void write_at(int64_t offset, const void* data, int64_t bytes) override {
    file_.write_at(offset_ + offset, data, bytes);
  }
  void resize(int64_t bytes) override { file_.truncate(offset_ + bytes); }

 private:
  AtomicFile& file_;
  int64_t offset_;
};

// What HDF5 holds per open file: its own part must come first.
struct DriverFile {
  H5FD_t base;
  Hdf5Bytes* bytes;
  haddr_t end;  // of the space HDF5 has given out
};

struct AccessInfo {
  Hdf5Bytes* bytes;
};

DriverFile* self(H5FD_t* file) { return reinterpret_cast<DriverFile*>(file); }
const DriverFile* self(const H5FD_t* file) { return reinterpret_cast<const DriverFile*>(file); }

// HDF5 cannot close a file that it cannot write, and crashes at exit for it. So a failed write is kept, reported as
// done, and thrown by the writer; whatever HDF5 still writes goes nowhere.
template <class F>
herr_t written(Hdf5Bytes& bytes, F&& work) {
  if (bytes.has_error()) return 0;
  try {
    work();
  } catch (...) { bytes.keep_error(); }
  return 0;
}

H5FD_t* open_driver(const char*, unsigned, hid_t access, haddr_t) {
  const auto* info = static_cast<const AccessInfo*>(H5Pget_driver_info(access));
  if (!info) return nullptr;
  auto* file = new (std::nothrow) DriverFile{};
  if (!file) return nullptr;
  file->bytes = info->bytes;
  return &file->base;
}

herr_t close_driver(H5FD_t* file) {
  delete self(file);
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA;
  return 0;
}

haddr_t get_end(const H5FD_t* file, H5FD_mem_t) { return self(file)->end; }
herr_t set_end(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  self(file)->end = end;
  return 0;
}
haddr_t get_size(const H5FD_t* file, H5FD_mem_t) { return static_cast<haddr_t>(self(file)->bytes->size()); }

herr_t read_driver(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, size_t size, void* data) {
  Hdf5Bytes& bytes = *self(file)->bytes;
  try {
    // Reading ahead past the end gives zeros, as HDF5's own drivers do.
    const uint64_t end = static_cast<uint64_t>(bytes.size());
    const uint64_t there = address < end ? std::min<uint64_t>(size, end - address) : 0;
    std::memset(static_cast<char*>(data) + there, 0, size - there);
    if (there > 0) bytes.read_at(static_cast<int64_t>(address), data, static_cast<int64_t>(there));
    return 0;
  } catch (...) {
    bytes.keep_error();
    return -1;
  }
}

herr_t write_driver(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, size_t size, const void* data) {
  Hdf5Bytes& bytes = *self(file)->bytes;
  return written(bytes, [&] { bytes.write_at(static_cast<int64_t>(address), data, static_cast<int64_t>(size)); });
}

herr_t truncate_driver(H5FD_t* file, hid_t, hbool_t) {
  DriverFile& f = *self(file);
  return written(*f.bytes, [&] {
    if (static_cast<haddr_t>(f.bytes->size()) != f.end) f.bytes->resize(static_cast<int64_t>(f.end));
  });
}

hid_t driver() {
  static const hid_t id = [] {
    static H5FD_class_t table{};
#if H5_VERSION_GE(1, 13, 0)
    table.version = H5FD_CLASS_VERSION;
    table.value = static_cast<H5FD_class_value_t>(701);  // of those free for tests and private use
#endif
    table.name = "batchwise";
    table.maxaddr = (haddr_t{1} << 62) - 1;
    table.fc_degree = H5F_CLOSE_STRONG;
    table.fapl_size = sizeof(AccessInfo);
    table.open = open_driver;
    table.close = close_driver;
    table.query = query;
    table.get_eoa = get_end;
    table.set_eoa = set_end;
    table.get_eof = get_size;
    table.read = read_driver;
    table.write = write_driver;
    table.truncate = truncate_driver;
    const H5FD_mem_t map[] = H5FD_FLMAP_DICHOTOMY;
    std::copy(std::begin(map), std::end(map), table.fl_map);
    return H5FDregister(&table);
  }();
  return id;
}

}  // namespace

void Hdf5Bytes::write_at(int64_t, const void*, int64_t) { fail_run("hdf5", "the file is open for reading only."); }
void Hdf5Bytes::resize(int64_t) { fail_run("hdf5", "the file is open for reading only."); }

std::unique_ptr<Hdf5Bytes> hdf5_bytes_in_file(std::shared_ptr<const InputFile> file, int64_t offset, int64_t size) {
  return std::make_unique<InFile>(std::move(file), offset, size);
}
std::unique_ptr<Hdf5Bytes> hdf5_bytes_in_memory(std::string bytes) {
  return std::make_unique<InMemory>(std::move(bytes));
}
std::unique_ptr<Hdf5Bytes> hdf5_bytes_to_write(AtomicFile& file, int64_t offset) {
  return std::make_unique<ToWrite>(file, offset);
}

Hdf5Handle hdf5_access(Hdf5Bytes& bytes) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  const AccessInfo info{&bytes};
  // Earliest: the form that h5py writes and every version reads.
  if (!access.valid() || driver() < 0 || H5Pset_driver(access.get(), driver(), &info) < 0 ||
      H5Pset_libver_bounds(access.get(), H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST) < 0 ||
      H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG) < 0)
    fail_run("hdf5", "the HDF5 library does not start.");
  return access;
}

}  // namespace batchwise
