// Fields of shards and records, chosen by name.
#include "data/open_records.h"

#include <algorithm>
#include <map>
#include <optional>

#include <batchwise/error.h>
#include <batchwise/record_dataset.h>

#include "formats/npy/npy.h"
#include "formats/tar/tar.h"
#include "formats/tfrecord/example.h"
#include "formats/tfrecord/tfrecord.h"
#include "images/image_format.h"

namespace batchwise {
namespace {

constexpr char kImages[] = "jpg;jpeg;png;webp;bmp;gif";

Shape image_shape(const DataOptions& options) {
  const std::string& mode = options.images.color_mode;
  return {options.images.image_size.height, options.images.image_size.width,
          mode == "grayscale" ? 1
          : mode == "rgba"    ? 4
                              : 3};
}

bool is_image(std::string_view bytes) {
  return image_format({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}).has_value();
}

// A field of the first sample as a column, for input `input` of the model (-1: for none); nothing: there is none.
template <class Column>
using Lookup = std::function<std::optional<Column>(const std::string& name, int input)>;

// All of `names`, else the first of `usual` that is there. `inputs`: they are the model's inputs.
template <class Column>
std::vector<Column> chosen(const std::vector<std::string>& names, bool inputs, const std::vector<std::string>& usual,
                           const Lookup<Column>& find) {
  std::vector<Column> columns;
  for (size_t i = 0; i < names.size(); ++i)
    if (auto column = find(names[i], inputs ? static_cast<int>(i) : -1)) columns.push_back(std::move(*column));
  if (!names.empty() && columns.size() == names.size()) return columns;
  for (const std::string& name : usual)
    if (auto column = find(name, inputs && names.size() == 1 ? 0 : -1)) return {std::move(*column)};
  return {};
}

std::vector<std::string> files_of(const std::string& path) {
  std::vector<std::string> files = record_files(path);
  require(!files.empty(), path, "there must be files. Got none.");
  return files;
}

ShardSample first_sample(const InputFile& file) {
  const std::vector<ShardSample> samples = shard_samples(index_tar(file), file.path());
  require(!samples.empty(), file.path(), "the shard must hold at least one sample, files called KEY.FIELD. Got none.");
  return samples.front();
}

std::string bytes_of(const InputFile& file, const TarMember& member) {
  std::string bytes(static_cast<size_t>(std::min(member.bytes, kMaxNpyHeader)), '\0');
  file.read_at(member.offset, bytes.data(), static_cast<int64_t>(bytes.size()));
  return bytes;
}

std::string field_text(const InputFile& file, const ShardField& field) {
  const std::string bytes = bytes_of(file, field.member);
  const std::string where = file.path() + ":" + field.member.name;
  if (field.name == "npy" || field.name.ends_with(".npy")) {
    const NpyHeader header = parse_npy_header(bytes, field.member.bytes, where);
    return std::string(name_of(header.dtype)) + " " + header.shape.text();
  }
  if (is_image(bytes))
    return std::string(name_of(*image_format({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()})));
  if (field.name == "cls") return bytes.substr(0, bytes.find_first_of("\r\n"));
  return std::to_string(field.member.bytes) + " bytes";
}

std::string text_of(const Feature& feature) {
  const int64_t count = feature.count();
  std::string text = std::string(name_of(feature.kind())) + " of " + std::to_string(count);
  if (feature.kind() == FeatureKind::Integers && count == 1) {
    int64_t value = 0;
    feature.integers({&value, 1});
    return text + ": " + std::to_string(value);
  }
  if (feature.kind() != FeatureKind::Bytes || count < 1) return text;
  const std::string_view bytes = feature.bytes(0);
  const auto format = image_format({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  return text + ": " + std::to_string(bytes.size()) + " bytes" + (format ? ", " + std::string(name_of(*format)) : "");
}

template <class Part, class Show>
std::string listed(const std::vector<Part>& parts, const Show& show) {
  std::string text;
  for (const Part& part : parts) text += (text.empty() ? "" : ", ") + show(part);
  return text.empty() ? "none" : text;
}

constexpr int64_t kShown = 3;  // samples

}  // namespace

Dataset open_shards(const std::string& path, const DataOptions& options) {
  const std::vector<std::string> files = files_of(path);
  const InputFile file(files[0]);
  const ShardSample sample = first_sample(file);
  const Lookup<ShardColumn> find = [&](const std::string& name, int) -> std::optional<ShardColumn> {
    if (name == kImages) {
      for (const ShardField& field : sample.fields)
        if (std::string(";").append(kImages).append(";").find(";" + field.name + ";") != std::string::npos)
          return ShardColumn{kImages, image_shape(options)};
      return std::nullopt;
    }
    if (name == "cls") return sample.find(name) ? std::optional(ShardColumn{name, {}, DType::Int64}) : std::nullopt;
    const std::string ending = name == "npy" ? name : name + ".npy";
    const TarMember* member = sample.find(ending);
    if (!member) return std::nullopt;
    const NpyHeader header = parse_npy_header(bytes_of(file, *member), member->bytes, file.path() + ":" + member->name);
    return ShardColumn{ending, header.shape, header.dtype};
  };
  const auto inputs = chosen<ShardColumn>(options.input_names, true, {kImages, "npy", "x"}, find);
  const auto fields = [&] { return listed(sample.fields, [](const ShardField& field) { return field.name; }); };
  require(!inputs.empty(), path, "a sample must have an image (", kImages,
          "), an array npy or x.npy, or an array NAME.npy for every input of the model. Got the fields ", fields(),
          ".");
  std::vector<ShardColumn> targets;
  if (std::holds_alternative<std::string>(options.images.labels.from()))
    targets = chosen<ShardColumn>(options.output_names, false, {"cls", "y"}, find);
  return shard_dataset(files, inputs, targets);
}

Dataset open_tfrecords(const std::string& path, const DataOptions& options) {
  const std::vector<std::string> files = files_of(path);
  require(tfrecord_packing(files[0]) == Packing::None, files[0],
          "records must lie in a file that is not compressed as a whole: it has no random access. Unpack it first.");
  const TfRecords records(files[0]);
  require(records.size() > 0, files[0], "the file must have at least one record. Got none.");
  const std::string example = records.read(0);
  const Lookup<RecordFeature> find = [&](const std::string& name, int input) -> std::optional<RecordFeature> {
    Feature feature;
    if (!find_feature(example, name, files[0], &feature)) return std::nullopt;
    const auto i = static_cast<size_t>(input);
    const bool of_model = input >= 0 && i < options.input_shapes.size();
    const auto shaped = [&](int64_t values) {
      const bool fits = of_model && options.input_shapes[i].known() && options.input_shapes[i].count() == values;
      return fits ? options.input_shapes[i] : Shape{values};
    };
    const int64_t count = feature.count();
    if (feature.kind() == FeatureKind::Floats) return RecordFeature{name, shaped(count), DType::Float32};
    if (feature.kind() == FeatureKind::Integers)
      return RecordFeature{name, of_model || count != 1 ? shaped(count) : Shape{}, DType::Int64};
    require(feature.kind() == FeatureKind::Bytes && count == 1, files[0], "the feature \"", name,
            "\" must be numbers, or one text, image or array of bytes. Got ", text_of(feature), ".");
    if (of_model && options.input_dtypes[i] == DType::String) return RecordFeature{name, {}, DType::String};
    if (is_image(feature.bytes(0))) return RecordFeature{name, image_shape(options), DType::Float32};
    return RecordFeature{name, shaped(static_cast<int64_t>(feature.bytes(0).size())), DType::UInt8};
  };
  const auto inputs =
      chosen<RecordFeature>(options.input_names, true, {"image/encoded", "image", "x", "image_raw", "text"}, find);
  if (inputs.empty()) {
    std::vector<std::string> names;
    each_feature(example, files[0], [&](const Feature& feature) { names.emplace_back(feature.name()); });
    std::sort(names.begin(), names.end());
    fail(
        path,
        "a record must have a feature image/encoded, image, x, image_raw or text, or one for every input of the model. "
        "Got the features ",
        listed(names, [](const std::string& name) { return name; }), ".");
  }
  std::vector<RecordFeature> targets;
  if (std::holds_alternative<std::string>(options.images.labels.from()))
    targets = chosen<RecordFeature>(options.output_names, false, {"image/class/label", "label", "y"}, find);
  return tfrecord_dataset(files, inputs, targets);
}

std::string describe_shards(const std::string& path) {
  std::string text;
  int64_t total = 0;
  const std::vector<std::string> files = files_of(path);
  for (const std::string& one : files) {
    const InputFile file(one);
    const std::vector<ShardSample> samples = shard_samples(index_tar(file), one);
    for (int64_t s = 0; s < static_cast<int64_t>(samples.size()) && total + s < kShown; ++s) {
      const ShardSample& sample = samples[static_cast<size_t>(s)];
      text +=
          "  " + sample.key + ": " +
          listed(sample.fields, [&](const ShardField& field) { return field.name + " " + field_text(file, field); }) +
          "\n";
    }
    total += static_cast<int64_t>(samples.size());
  }
  return "tar shards: " + std::to_string(files.size()) + " files, " + std::to_string(total) + " samples\n" + text;
}

std::string describe_tfrecords(const std::string& path) {
  std::string text;
  int64_t total = 0;
  const std::vector<std::string> files = files_of(path);
  for (const std::string& one : files) {
    require(tfrecord_packing(one) == Packing::None, one,
            "records must lie in a file that is not compressed as a whole: it has no random access. Unpack it first.");
    const TfRecords records(one);
    for (int64_t r = 0; r < records.size() && total + r < kShown; ++r) {
      std::map<std::string, std::string> features;  // sorted: the order in a record means nothing
      const std::string example = records.read(r);
      each_feature(example, one,
                   [&](const Feature& feature) { features[std::string(feature.name())] = text_of(feature); });
      text += "  record " + std::to_string(total + r) + "\n";
      for (const auto& [name, shown] : features) text += "    " + name + ": " + shown + "\n";
    }
    total += records.size();
  }
  return "TFRecord: " + std::to_string(files.size()) + " files, " + std::to_string(total) + " records\n" + text;
}

}  // namespace batchwise
