// Folders of IDX files as data sets.
#include "data/sources/idx.h"

#include <unistd.h>

#include "data/cache_folder.h"
#include "data/sources/npy.h"
#include "formats/idx/idx.h"

namespace batchwise {
namespace {

std::string existing(const std::string& folder, const std::string& stem, const std::string& kind) {
  // Plain files before packed ones: they need no cache. Both spellings are found in the wild.
  for (const char* ending : {"", ".gz"})
    for (const char* separator : {"-", "."}) {
      const std::string path = folder + '/' + stem + separator + kind + ending;
      if (::access(path.c_str(), F_OK) == 0) return path;
    }
  return "";
}

FileColumn idx_column(const std::string& path) {
  const IdxHeader header = open_idx(path);
  require(header.shape.rank() >= 1, path, "the array's first dimension must be the samples. Got the shape ",
          header.shape, ".");
  if (header.compressed || size_of(header.dtype) > 1)
    return npy_column(
        cached(path, {"idx"}, [&](const std::vector<std::string>& paths) { unpack_idx(path, paths[0]); })[0], "");
  FileColumn column;
  column.column = {"", header.shape.without_batch(), header.dtype};
  column.file = std::make_shared<InputFile>(path);
  column.offset = header.data_offset;
  column.rows = header.shape[0];
  return column;
}

}  // namespace

IdxPair find_idx_pair(const std::string& folder, const std::string& part) {
  return {existing(folder, part + "-images", "idx3-ubyte"), existing(folder, part + "-labels", "idx1-ubyte")};
}

Dataset open_idx_pair(const IdxPair& pair) {
  FileColumn images = idx_column(pair.images), labels = idx_column(pair.labels);
  require(labels.rows == images.rows, pair.labels, "there must be one label per image. Got ", labels.rows,
          " labels for ", images.rows, " images.");
  if (const Shape& shape = images.column.shape; shape.rank() == 2) images.column.shape = {shape[0], shape[1], 1};
  std::vector<FileColumn> columns;
  columns.push_back(std::move(images));
  columns.push_back(std::move(labels));
  return Dataset(std::make_shared<FileRows>(std::move(columns), pair.images), 1, 1);
}

}  // namespace batchwise
