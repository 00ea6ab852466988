// .keras archives: the three members, by exact name, with bounded sizes.
#include "formats/keras/keras_archive.h"

#include <batchwise/error.h>

#include "formats/json/json.h"

namespace batchwise {
namespace {

constexpr const char* kMetadata = "metadata.json";
constexpr const char* kConfig = "config.json";
constexpr const char* kWeights = "model.weights.h5";
constexpr int64_t kMaxMetadata = int64_t{16} << 20;  // bytes
constexpr int64_t kMaxAsset = int64_t{256} << 20;
constexpr int64_t kMaxConfig = int64_t{64} << 20;

const ZipMember& member_of(const ZipReader& zip, const char* name) {
  const ZipMember* member = zip.find(name);
  require(member != nullptr, zip.path(), "a .keras archive must hold ", name, ". Got an archive without it",
          std::string(name) == kWeights && zip.find("model.weights.npz")
              ? ": its weights are in model.weights.npz. Save it again with Keras's default."
              : ".");
  return *member;
}

Config read_member(const ZipReader& zip, const char* name, int64_t limit) {
  return parse_json(zip.read(member_of(zip, name), limit), zip.path() + ":" + name);
}

}  // namespace

KerasArchiveReader::KerasArchiveReader(const std::string& path)
    : zip_(path),
      metadata_(read_member(zip_, kMetadata, kMaxMetadata)),
      config_(read_member(zip_, kConfig, kMaxConfig)) {
  member_of(zip_, kWeights);
  require(metadata_.is_object() && config_.is_object(), path,
          "metadata.json and config.json must hold objects. Got other values.");
}

Hdf5Reader KerasArchiveReader::weights(int64_t limit) const {
  const ZipMember& member = member_of(zip_, kWeights);
  const std::string where = path() + ":" + kWeights;
  if (!member.stored) return Hdf5Reader(hdf5_bytes_in_memory(zip_.read(member, limit)), where);
  zip_.read_pieces(member, [](std::string_view) {});  // the checksum
  return Hdf5Reader(hdf5_bytes_in_file(zip_.file(), zip_.data_offset(member), member.bytes), where);
}

std::vector<std::pair<std::string, std::string>> KerasArchiveReader::assets(const std::string& layer) const {
  const std::string folder = "assets/" + layer + "/";
  std::vector<std::pair<std::string, std::string>> files;
  for (const ZipMember& member : zip_.members()) {
    if (!member.name.starts_with(folder)) continue;
    const std::string name = member.name.substr(folder.size());
    if (name.empty() || name.find('/') != std::string::npos) continue;  // a folder, or of a part of the layer
    files.emplace_back(name, zip_.read(member, kMaxAsset));
  }
  return files;
}

void KerasArchiveWriter::add_asset(const std::string& layer, const std::string& name, std::string contents) {
  assets_.emplace_back("assets/" + layer + "/" + name, std::move(contents));
}

KerasArchiveWriter::KerasArchiveWriter(const std::string& path, const Config& metadata, const Config& config,
                                       int64_t weight_bytes)
    : file_(path), zip_(file_) {
  zip_.add(kMetadata, metadata.text());
  zip_.add(kConfig, config.text());
  zip_.begin(kWeights, weight_bytes >= int64_t{4000} << 20);
  weights_ = std::make_unique<Hdf5Writer>(file_, zip_.data_offset());
}

void KerasArchiveWriter::commit() {
  weights_->finish();
  zip_.end();
  for (const auto& [name, contents] : assets_) zip_.add(name, contents);
  zip_.finish();
  file_.commit();
}

}  // namespace batchwise
