// What a file holds, in words.
#include "cli/inspection.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include <batchwise/byte_size.h>
#include <batchwise/model.h>

#include "base/input_file.h"
#include "cli/csv_inspection.h"
#include "cli/run_inspection.h"
#include "data/open_records.h"
#include "data/sources/idx.h"
#include "formats/hdf5/hdf5_reader.h"
#include "formats/idx/idx.h"
#include "formats/npz/npz.h"
#include "formats/safetensors/safetensors.h"
#include "saving/class_names.h"
#include "training/checkpoint/checkpoint.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

std::string array_line(const std::string& name, DType dtype, const Shape& shape) {
  std::ostringstream line;
  line << (name.empty() ? "array" : name) << ": " << dtype << " " << shape << ", "
       << show_byte_size(shape.count() * size_of(dtype));
  return line.str();
}

std::string spec_text(const Spec& spec) {
  return spec.config.is_object() && spec.config.as_object().empty() ? spec.class_name
                                                                    : spec.class_name + " " + spec.config.text();
}

template <class Specs>
std::string spec_list(const Specs& specs) {
  std::string text;
  for (const Spec& spec : specs) text += (text.empty() ? "" : ", ") + spec_text(spec);
  return text;
}

std::string model_text(const std::string& path) {
  const Model model = Model::load(path);
  std::ostringstream text;
  text << model.summary();
  for (const auto& variable : model.weights())
    text << "  " << array_line(variable->path, DType::Float32, variable->spec.shape) << "\n";
  if (const std::vector<std::string> names = class_names_in(path); !names.empty()) {
    text << "Classes:";
    for (size_t label = 0; label < names.size(); ++label)
      text << (label == 0 ? " " : ", ") << label << ' ' << names[label];
    text << "\n";
  }
  if (const auto& compiled = model.compiled()) {
    text << "Compiled with:\n  optimizer " << spec_text(compiled->optimizer) << "\n  loss "
         << (compiled->loss.empty() ? spec_list(compiled->losses) : spec_text(compiled->loss)) << "\n";
    std::string metrics = spec_list(compiled->metrics);
    for (const auto& list : compiled->output_metrics) metrics += (metrics.empty() ? "" : ", ") + spec_list(list);
    if (!metrics.empty()) text << "  metrics " << metrics << "\n";
    const OptimizerState& state = model.optimizer_state();
    if (state.left_out.empty()) text << "  " << state.iterations << " updates made\n";
    else text << "  " << state.left_out << "\n";
  } else {
    text << "Not compiled: the file states no loss and no optimizer.\n";
  }
  return text.str();
}

// A group may be linked into itself: groups without an end.
void add_arrays(const Hdf5Reader& file, const std::string& group, int depth, int64_t& objects, std::string& text) {
  constexpr int64_t kObjects = 100'000;
  constexpr int kDepth = 64;
  require(depth <= kDepth, group, "groups may lie in one another ", kDepth, " deep at most. Got more.");
  for (const std::string& name : file.children(group)) {
    require(++objects <= kObjects, group, "a file may hold at most ", kObjects, " groups and arrays. Got more.");
    const std::string path = group.empty() ? name : group + "/" + name;
    if (file.is_group(path)) {
      add_arrays(file, path, depth + 1, objects, text);
      continue;
    }
    std::ostringstream line;
    line << path << ": " << file.type_of(path) << " " << file.shape_of(path) << ", "
         << show_byte_size(file.stored_bytes(path)) << "\n";
    text += line.str();
  }
}

// A whole model, or weights alone.
std::string hdf5_text(const std::string& path) {
  const Hdf5Reader file(path);
  if (file.text("", "model_config")) return model_text(path);
  std::string text = "weights alone, of no model that is stated\n";
  int64_t objects = 0;
  add_arrays(file, "", 0, objects, text);
  return text;
}

std::string safetensors_text(const std::string& path) {
  const SafetensorsReader file(path);
  std::ostringstream text;
  for (const auto& [name, array] : file.arrays())
    text << name << ": " << array.dtype << " " << array.shape << ", " << show_byte_size(array.bytes) << "\n";
  for (const auto& [key, value] : file.metadata()) text << key << ": " << value << "\n";
  return text.str();
}

std::string npz_text(const std::string& path) {
  const NpzReader reader(path);
  std::string text;
  for (const NpzMember& member : reader.members())
    text += array_line(member.name, member.header.dtype, member.header.shape) +
            (member.stored ? "" : " (compressed: unpacked once into the cache when it is read)") + "\n";
  return text;
}

std::string checkpoint_text(const std::string& path) {
  const CheckpointReader reader(path);
  const Config& header = reader.header();
  std::ostringstream text;
  text << "checkpoint after " << reader.step() << " updates, whole (its checksums agree)\n";
  for (const char* key : {"epoch", "step", "position", "batch_size", "seed", "instruction_set"})
    if (const Config* value = header.find(key)) text << "  " << key << ": " << value->text() << "\n";
  return text.str();
}

std::string idx_text(const std::string& folder) {
  std::string text;
  for (const char* part : {"train", "t10k"}) {
    const IdxPair pair = find_idx_pair(folder, part);
    for (const std::string& file : {pair.images, pair.labels}) {
      if (file.empty()) continue;
      const IdxHeader header = open_idx(file);
      text += array_line(fs::path(file).filename().string(), header.dtype, header.shape) +
              (header.compressed ? " (gzip)" : "") + "\n";
    }
  }
  return text;
}

std::string start_of(const std::string& path) {
  const InputFile file(path);
  std::string start(static_cast<size_t>(std::min<int64_t>(file.size(), 8)), '\0');
  if (!start.empty()) file.read_at(0, start.data(), static_cast<int64_t>(start.size()));
  return start;
}

}  // namespace

std::string inspection(const std::string& path) {
  std::error_code error;
  if (is_run(path)) return inspect_run(path);
  switch (data_form(path)) {
    case DataForm::TarShards: return describe_shards(path);
    case DataForm::TfRecords: return describe_tfrecords(path);
    case DataForm::IdxFolder: return idx_text(path);
    case DataForm::Csv: return inspect_csv(path);
    default: break;
  }
  if (fs::is_directory(path, error))
    fail(path,
         "a folder must be that of a run (run.json) or a sweep (sweep.json), or hold class folders of images or of "
         ".txt files, tar shards, "
         "TFRecord files or IDX files. Got ",
         fs::is_empty(path, error) ? "an empty folder." : "one with other files only.");
  const std::string start = start_of(path);
  if (start.starts_with("\x93NUMPY")) {
    const NpyHeader header = open_npy(path);
    return array_line("", header.dtype, header.shape) + "\n";
  }
  if (start.starts_with("PK")) return path.ends_with(".npz") ? npz_text(path) : model_text(path);
  if (path.ends_with(".bwc")) return checkpoint_text(path);
  if (start.starts_with("\x89HDF")) return hdf5_text(path);
  if (path.ends_with(".safetensors")) return safetensors_text(path);
  if (path.ends_with(".keras") || path.ends_with(".h5")) return model_text(path);
  if (start.starts_with(std::string_view("\0\0", 2)) || start.starts_with("\x1f\x8b")) {
    const IdxHeader header = open_idx(path);
    return array_line("IDX", header.dtype, header.shape) + (header.compressed ? " (gzip)" : "") + "\n";
  }
  fail(path,
       "the file must be a model (.keras, .h5), weights (.weights.h5, .safetensors), .npy, .npz, .csv, .tar, .tfrecord "
       "or "
       "IDX data, a checkpoint or a run. Got something else.");
}

}  // namespace batchwise
