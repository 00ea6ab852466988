// HDF5 files, read: paths walked link by link, arrays checked before they are read.
#include "formats/hdf5/hdf5_reader.h"

#include <algorithm>

#include <hdf5.h>

#include <batchwise/error.h>

namespace batchwise {
namespace {

constexpr hsize_t kMaxChildren = 1'000'000;  // of one group

std::unique_ptr<Hdf5Bytes> whole_file(const std::string& path) {
  auto file = std::make_shared<const InputFile>(path);
  const int64_t size = file->size();
  return hdf5_bytes_in_file(std::move(file), 0, size);
}

}  // namespace

Hdf5Reader::Hdf5Reader(std::unique_ptr<Hdf5Bytes> bytes, std::string where)
    : bytes_(std::move(bytes)), where_(std::move(where)) {
  const Hdf5Handle access = hdf5_access(*bytes_);
  file_ = Hdf5Handle(H5Fopen(where_.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  bytes_->throw_kept_error();
  require(file_.valid(), where_, "the file must be a whole HDF5 file. Got another kind of file, or a damaged one.");
}

Hdf5Reader::Hdf5Reader(const std::string& path) : Hdf5Reader(whole_file(path), path) {}

Hdf5Handle Hdf5Reader::open(const std::string& path, Kind wanted) const {
  Hdf5Handle at(H5Gopen2(file_.get(), "/", H5P_DEFAULT), H5Oclose);
  if (!at.valid()) refuse(path, "the file must have a root group. Got a damaged file.");
  for (size_t first = 0; first < path.size();) {
    const size_t end = std::min(path.find('/', first), path.size());
    const std::string name = path.substr(first, end - first);
    first = end + 1;
    if (H5Iget_type(at.get()) != H5I_GROUP) return {};
    const htri_t exists = H5Lexists(at.get(), name.c_str(), H5P_DEFAULT);
    if (exists < 0) refuse(path, "the path must be readable. Got a damaged file.");
    if (exists == 0) return {};
    H5L_info_t link;
    if (H5Lget_info(at.get(), name.c_str(), &link, H5P_DEFAULT) < 0)
      refuse(path, "the path must be readable. Got a damaged file.");
    if (link.type != H5L_TYPE_HARD)
      refuse(path, "links that lead elsewhere are never followed. Got one at \"", name, "\".");
    Hdf5Handle next(H5Oopen(at.get(), name.c_str(), H5P_DEFAULT), H5Oclose);
    if (!next.valid()) refuse(path, "the path must be readable. Got a damaged file.");
    at = std::move(next);
  }
  if (wanted != Kind::Any && H5Iget_type(at.get()) != (wanted == Kind::Group ? H5I_GROUP : H5I_DATASET))
    refuse(path, wanted == Kind::Group ? "the path must name a group. Got something else."
                                       : "the path must name an array. Got something else.");
  return at;
}

bool Hdf5Reader::has(const std::string& path) const {
  const size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
  const Hdf5Handle group = open(parent, Kind::Group);
  return group.valid() &&
         H5Lexists(group.get(), path.substr(slash == std::string::npos ? 0 : slash + 1).c_str(), H5P_DEFAULT) > 0;
}

bool Hdf5Reader::is_group(const std::string& path) const {
  const Hdf5Handle object = open(path, Kind::Any);
  return object.valid() && H5Iget_type(object.get()) == H5I_GROUP;
}

std::vector<std::string> Hdf5Reader::children(const std::string& path) const {
  const Hdf5Handle group = open(path, Kind::Group);
  std::vector<std::string> names;
  if (!group.valid()) return names;
  H5G_info_t info;
  if (H5Gget_info(group.get(), &info) < 0) refuse(path, "the group must be readable. Got a damaged file.");
  if (info.nlinks > kMaxChildren)
    refuse(path, "a group may have at most ", kMaxChildren, " children. Got ", info.nlinks, ".");
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    char name[1024];
    const ssize_t size =
        H5Lget_name_by_idx(group.get(), ".", H5_INDEX_NAME, H5_ITER_INC, i, name, sizeof name, H5P_DEFAULT);
    if (size < 0 || size >= static_cast<ssize_t>(sizeof name))
      refuse(path, "names must be readable and shorter than 1024 bytes. Got a damaged file.");
    names.emplace_back(name);
  }
  return names;
}

Hdf5Handle Hdf5Reader::open_array(const std::string& path) const {
  Hdf5Handle array = open(path, Kind::Array);
  if (!array.valid()) refuse(path, "the array must be in the file. Got a file without it.");
  const Hdf5Handle properties(H5Dget_create_plist(array.get()), H5Pclose);
  if (!properties.valid()) refuse(path, "the array must be readable. Got a damaged file.");
  const H5D_layout_t layout = H5Pget_layout(properties.get());
  if (H5Pget_external_count(properties.get()) != 0)
    refuse(path, "arrays must lie in the file. Got one stored in another file.");
  if (layout == H5D_VIRTUAL) refuse(path, "arrays must lie in the file. Got one made of other files.");
  if ((layout != H5D_CONTIGUOUS && layout != H5D_COMPACT) || H5Pget_nfilters(properties.get()) != 0)
    refuse(path, "arrays must lie in one piece, uncompressed, as Keras writes them. Got one in chunks.");
  return array;
}

Shape Hdf5Reader::shape_of(const std::string& path) const {
  const Hdf5Handle array = open_array(path);
  const Hdf5Handle space(H5Dget_space(array.get()), H5Sclose);
  const H5S_class_t kind = space.valid() ? H5Sget_simple_extent_type(space.get()) : H5S_NO_CLASS;
  if (kind != H5S_SCALAR && kind != H5S_SIMPLE) refuse(path, "the array must have a shape. Got an empty one.");
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank < 0 || rank > Shape::kMaxRank)
    refuse(path, "an array may have at most ", Shape::kMaxRank, " dimensions. Got ", rank, ".");
  hsize_t dims[Shape::kMaxRank];
  if (H5Sget_simple_extent_dims(space.get(), dims, nullptr) < 0)
    refuse(path, "the array must be readable. Got a damaged file.");
  std::vector<int64_t> shape;
  for (int i = 0; i < rank; ++i) {
    if (dims[i] > hsize_t{1} << 62) refuse(path, "dimensions must fit 62 bits. Got ", dims[i], ".");
    shape.push_back(static_cast<int64_t>(dims[i]));
  }
  return Shape(std::span<const int64_t>(shape));
}

std::string Hdf5Reader::type_of(const std::string& path) const {
  const Hdf5Handle stored(H5Dget_type(open_array(path).get()), H5Tclose);
  if (!stored.valid()) refuse(path, "the array must have a type of elements. Got a damaged file.");
  const std::string bits = std::to_string(8 * H5Tget_size(stored.get()));
  switch (H5Tget_class(stored.get())) {
    case H5T_FLOAT: return "float" + bits;
    case H5T_INTEGER: return (H5Tget_sign(stored.get()) == H5T_SGN_NONE ? "uint" : "int") + bits;
    case H5T_STRING: return "text";
    default: return "other";
  }
}

int64_t Hdf5Reader::stored_bytes(const std::string& path) const {
  return static_cast<int64_t>(H5Dget_storage_size(open_array(path).get()));
}

bool Hdf5Reader::holds_integers(const std::string& path) const {
  const Hdf5Handle stored(H5Dget_type(open_array(path).get()), H5Tclose);
  return stored.valid() && H5Tget_class(stored.get()) == H5T_INTEGER;
}

int64_t Hdf5Reader::check(const std::string& path, Numbers wanted) const {
  const Hdf5Handle array = open_array(path);
  const Hdf5Handle stored(H5Dget_type(array.get()), H5Tclose);
  const H5T_class_t type = stored.valid() ? H5Tget_class(stored.get()) : H5T_NO_CLASS;
  if (type != H5T_INTEGER && (wanted == Numbers::Integers || type != H5T_FLOAT))
    refuse(path, "the elements must be ", wanted == Numbers::Floats ? "numbers" : "integers", ". Got another type.");
  // Fewer bytes than the shape needs would read as fill values: refused.
  const int64_t count = shape_of(path).count(), size = static_cast<int64_t>(H5Tget_size(stored.get()));
  const int64_t there = static_cast<int64_t>(H5Dget_storage_size(array.get()));
  if (count > bytes_->size()) refuse(path, "the array must lie in the file. Got the shape ", shape_of(path), ".");
  if (there != count * size)
    refuse(path, "the array must hold the ", count * size, " bytes of its shape. Got ", there, ".");
  return there;
}

void Hdf5Reader::read(const std::string& path, Numbers wanted, Hdf5Handle::Id type, void* out) const {
  check(path, wanted);
  const Hdf5Handle array = open_array(path);
  if (H5Dread(array.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0)
    refuse(path, "the array must be readable. Got a damaged file.");
}

std::vector<float> Hdf5Reader::floats(const std::string& path, const Shape& expected) const {
  const Shape shape = shape_of(path);
  if (!(shape == expected)) refuse(path, "the array must have the shape ", expected, ". Got ", shape, ".");
  const int64_t bytes = check(path, Numbers::Floats);
  if (bytes > bytes_->size() - bytes_read_)
    refuse(path, "the arrays must lie in the file each for itself. Got more of them than the file has bytes.");
  bytes_read_ += bytes;
  std::vector<float> values(static_cast<size_t>(shape.count()));
  if (!values.empty()) read(path, Numbers::Floats, H5T_NATIVE_FLOAT, values.data());
  return values;
}

void Hdf5Reader::read_floats(const std::string& path, const Shape& expected, std::span<float> out) const {
  const Shape shape = shape_of(path);
  if (!(shape == expected)) refuse(path, "the array must have the shape ", expected, ". Got ", shape, ".");
  if (expected.count() > 0) read(path, Numbers::Floats, H5T_NATIVE_FLOAT, out.data());
}

int64_t Hdf5Reader::read_integer(const std::string& path) const {
  int64_t value = 0;
  if (shape_of(path).count() != 1) refuse(path, "the array must hold one integer. Got the shape ", shape_of(path), ".");
  read(path, Numbers::Integers, H5T_NATIVE_INT64, &value);
  return value;
}

double Hdf5Reader::read_number(const std::string& path) const {
  double value = 0;
  if (shape_of(path).count() != 1) refuse(path, "the array must hold one number. Got the shape ", shape_of(path), ".");
  read(path, Numbers::Floats, H5T_NATIVE_DOUBLE, &value);
  return value;
}

}  // namespace batchwise
