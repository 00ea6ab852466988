// .npz archives as data sets.
#include "data/sources/npz.h"

#include <algorithm>

#include <batchwise/registry.h>

#include "data/cache_folder.h"
#include "data/sources/npy.h"
#include "formats/npz/npz.h"

namespace batchwise {
namespace {

constexpr char kWeights[] = "sample_weight";

FileColumn column_of(const NpzReader& archive, const std::string& path, const NpzMember& member) {
  const std::string where = path + ":" + member.name;
  require(member.header.shape.rank() >= 1, where, "the array's first dimension must be the samples. Got the shape ",
          member.header.shape, ".");
  if (!member.stored || !member.header.in_order()) {
    const auto unpack = [&](const std::vector<std::string>& paths) { archive.unpack(member, paths[0]); };
    return npy_column(cached(path, {member.name}, unpack)[0], member.name);
  }
  FileColumn column;
  column.column = {member.name, member.header.shape.without_batch(), member.header.dtype};
  column.file = std::make_shared<InputFile>(path);
  column.offset = member.file_offset;
  column.rows = member.header.shape[0];
  return column;
}

bool has_all(const NpzReader& archive, const std::vector<std::string>& names) {
  return !names.empty() &&
         std::all_of(names.begin(), names.end(), [&](const std::string& name) { return archive.find(name); });
}

std::string quoted(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "\"" : ", \"") + name + "\"";
  return text;
}

// An array that would be ignored although its name is nearly one that counts.
void refuse_misspelt(const NpzReader& archive, const std::string& path, const std::vector<std::string>& used) {
  for (const NpzMember& member : archive.members()) {
    if (std::find(used.begin(), used.end(), member.name) != used.end() || member.name.size() < 6) continue;
    require(nearest_name(member.name, {kWeights}).empty(), path, "sample weights are called \"", kWeights, "\". Got \"",
            member.name, "\".");
  }
}

}  // namespace

Dataset open_npz_data(const std::string& path, const std::vector<std::string>& inputs,
                      const std::vector<std::string>& outputs, const std::vector<std::string>& asked) {
  const NpzReader archive(path);
  std::vector<std::string> names, targets;
  if (has_all(archive, inputs)) {
    names = inputs;
    if (has_all(archive, outputs)) targets = outputs;
    else if (has_all(archive, asked)) targets = asked;
    else if (outputs.size() <= 1 && archive.find("y")) targets = {"y"};
    for (const std::string& output : outputs)
      require(!targets.empty() || !archive.find(output), path, "there must be an array for every output (",
              quoted(asked.empty() ? outputs : asked), ") or for none. Got only some, with \"", output, "\".");
  } else {
    if (!archive.find("x")) {
      std::string known;
      for (const NpzMember& member : archive.members()) known += (known.empty() ? "" : ", ") + member.name;
      const bool named = inputs.size() > 1;
      fail(path, "the archive must hold ",
           named ? "one array per input of the model, " + quoted(inputs)
                 : "the arrays x and y, and optionally sample_weight",
           ". Got the arrays: ", known.empty() ? "none" : known, ".");
    }
    names = {"x"};
    if (archive.find("y")) targets = {"y"};
    else if (has_all(archive, outputs)) targets = outputs;
    else if (has_all(archive, asked)) targets = asked;
  }
  const int num_inputs = static_cast<int>(names.size()), num_targets = static_cast<int>(targets.size());
  names.insert(names.end(), targets.begin(), targets.end());
  if (archive.find(kWeights)) names.push_back(kWeights);
  refuse_misspelt(archive, path, names);
  const auto is_text = [&](const std::string& name) { return archive.at(name).header.dtype == DType::String; };
  if (std::any_of(names.begin(), names.end(), is_text)) {  // texts are held, and what goes with them
    std::vector<Array> arrays;
    for (const std::string& name : names) arrays.push_back(archive.read(name));
    const auto targets_at = arrays.begin() + num_inputs, weights_at = targets_at + num_targets;
    return Dataset({arrays.begin(), targets_at}, {targets_at, weights_at}, {weights_at, arrays.end()});
  }
  std::vector<FileColumn> columns;
  for (const std::string& name : names) columns.push_back(column_of(archive, path, archive.at(name)));
  return Dataset(std::make_shared<FileRows>(std::move(columns), path), num_inputs, num_targets);
}

}  // namespace batchwise
