// HDF5 files, written through our driver.
#include "formats/hdf5/hdf5_writer.h"

#include <algorithm>
#include <limits>

#include <hdf5.h>

#include <batchwise/error.h>

namespace batchwise {

void Hdf5Writer::check(bool ok, const std::string& path) {
  bytes_->throw_kept_error();
  if (!ok) fail_run(where_ + ":" + path, "HDF5 cannot write this part.");
}

Hdf5Writer::Hdf5Writer(AtomicFile& file, int64_t offset)
    : bytes_(hdf5_bytes_to_write(file, offset)), where_(file.path()) {
  const Hdf5Handle access = hdf5_access(*bytes_);
  file_ = Hdf5Handle(H5Fcreate(where_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose);
  check(file_.valid(), "");
}

Hdf5Handle Hdf5Writer::open_group(const std::string& path) {
  Hdf5Handle at(H5Gopen2(file_.get(), "/", H5P_DEFAULT), H5Gclose);
  for (size_t first = 0; first < path.size();) {
    const size_t end = std::min(path.find('/', first), path.size());
    const std::string name = path.substr(first, end - first);
    first = end + 1;
    const bool exists = H5Lexists(at.get(), name.c_str(), H5P_DEFAULT) > 0;
    Hdf5Handle next(exists ? H5Gopen2(at.get(), name.c_str(), H5P_DEFAULT)
                           : H5Gcreate2(at.get(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                    H5Gclose);
    check(next.valid(), path);
    at = std::move(next);
  }
  return at;
}

void Hdf5Writer::group(const std::string& path) { open_group(path); }

void Hdf5Writer::texts(const std::string& path, const std::string& name, const Hdf5Handle& space,
                       const std::vector<const char*>& texts) {
  const Hdf5Handle group = open_group(path);
  const Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  check(H5Tset_size(type.get(), H5T_VARIABLE) >= 0 && H5Tset_cset(type.get(), H5T_CSET_UTF8) >= 0, path);
  const Hdf5Handle attribute(H5Acreate2(group.get(), name.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
                             H5Aclose);
  check(attribute.valid() && (texts.empty() || H5Awrite(attribute.get(), type.get(), texts.data()) >= 0), path);
}

void Hdf5Writer::attribute(const std::string& path, const std::string& name, const std::string& text) {
  texts(path, name, Hdf5Handle(H5Screate(H5S_SCALAR), H5Sclose), {text.c_str()});
}

void Hdf5Writer::attribute(const std::string& path, const std::string& name, const std::vector<std::string>& list) {
  constexpr size_t kMost = 4000;  // 16 bytes each: a group's header takes 64 KiB
  for (size_t first = 0, part = 0; first == 0 || first < list.size(); first += kMost, ++part) {
    std::vector<const char*> pointers;
    for (size_t i = first; i < std::min(list.size(), first + kMost); ++i) pointers.push_back(list[i].c_str());
    const hsize_t count = pointers.size();
    texts(path, list.size() > kMost ? name + std::to_string(part) : name,
          Hdf5Handle(H5Screate_simple(1, &count, nullptr), H5Sclose), pointers);
  }
}

void Hdf5Writer::array(const std::string& path, const Shape& shape, Hdf5Handle::Id stored, Hdf5Handle::Id given,
                       const void* values) {
  const size_t slash = path.rfind('/');
  const Hdf5Handle group = open_group(slash == std::string::npos ? "" : path.substr(0, slash));
  hsize_t dims[Shape::kMaxRank];
  for (int i = 0; i < shape.rank(); ++i) dims[i] = static_cast<hsize_t>(shape[i]);
  const Hdf5Handle space(shape.rank() == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(shape.rank(), dims, nullptr),
                         H5Sclose);
  const Hdf5Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  check(space.valid() && H5Pset_obj_track_times(properties.get(), false) >= 0, path);
  const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  const Hdf5Handle array(
      H5Dcreate2(group.get(), name.c_str(), stored, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT), H5Dclose);
  check(
      array.valid() && (shape.count() == 0 || H5Dwrite(array.get(), given, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0),
      path);
}

void Hdf5Writer::floats(const std::string& path, const Shape& shape, std::span<const float> values) {
  require(static_cast<int64_t>(values.size()) == shape.count(), where_ + ":" + path, "the shape ", shape, " needs ",
          shape.count(), " values. Got ", values.size(), ".");
  array(path, shape, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, values.data());
}

void Hdf5Writer::integer(const std::string& path, int64_t value) {
  array(path, {}, value <= std::numeric_limits<int32_t>::max() ? H5T_STD_I32LE : H5T_STD_I64LE, H5T_NATIVE_INT64,
        &value);
}

void Hdf5Writer::finish() { check(file_.close() >= 0, ""); }

}  // namespace batchwise
