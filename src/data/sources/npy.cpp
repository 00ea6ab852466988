// .npy files as columns: rows lie one after another behind the header.
#include "data/sources/npy.h"

#include "data/cache_folder.h"
#include "formats/npy/npy.h"

namespace batchwise {

FileColumn npy_column(const std::string& path, const std::string& name) {
  const NpyHeader header = open_npy(path);
  require(header.shape.rank() >= 1, path, "the array's first dimension must be the samples. Got the shape ",
          header.shape, ".");
  if (!header.in_order()) {
    const auto reorder = [&](const std::vector<std::string>& paths) { write_in_order(path, paths[0]); };
    return npy_column(cached(path, {"in C order, little-endian"}, reorder)[0], name);
  }
  FileColumn column;
  column.column = {name, header.shape.without_batch(), header.dtype};
  column.file = std::make_shared<InputFile>(path);
  column.offset = header.data_offset;
  column.rows = header.shape[0];
  return column;
}

}  // namespace batchwise
