// Keras's .keras archives (v3): metadata.json, config.json and model.weights.h5 in one ZIP file.
#pragma once

#include <memory>
#include <string>

#include <batchwise/config.h>

#include "base/atomic_file.h"
#include "formats/hdf5/hdf5_reader.h"
#include "formats/hdf5/hdf5_writer.h"
#include "formats/zip/zip_reader.h"
#include "formats/zip/zip_writer.h"

namespace batchwise {

class KerasArchiveReader {
 public:
  explicit KerasArchiveReader(
      const std::string& path);  // throws Error(Input) unless the three members are there and readable

  const std::string& path() const { return zip_.path(); }
  const Config& metadata() const { return metadata_; }  // keras_version, date_saved
  const Config& config() const { return config_; }      // module, class_name, config, compile_config, ...
  // The weights, read where they lie; their checksum is verified first. An archive that someone compressed again is
  // unpacked in memory, up to `limit` bytes.
  Hdf5Reader weights(int64_t limit) const;

 private:
  ZipReader zip_;
  Config metadata_, config_;
};

// Nothing is at the path before commit().
class KerasArchiveWriter {
 public:
  // `weight_bytes`: about how many bytes of weights will follow; decides whether the archive needs 64-bit sizes.
  KerasArchiveWriter(const std::string& path, const Config& metadata, const Config& config, int64_t weight_bytes);
  Hdf5Writer& weights() { return *weights_; }
  void commit();

 private:
  AtomicFile file_;
  ZipWriter zip_;
  std::unique_ptr<Hdf5Writer> weights_;
};

}  // namespace batchwise
