// What a path or name of data means: recognised by its name, its ending and what lies in a folder.
#pragma once

#include <string>
#include <vector>

namespace batchwise {

enum class DataForm {
  Unknown,
  BuiltIn,
  Npy,
  Npz,
  Csv,
  TarShards,
  TfRecords,
  IdxFolder,
  ImageFolder,
  TextFolder,
};

// Unknown: there is nothing at the path, or nothing that is data. A folder is one of images where there are a hundred,
// or some in class folders; then of the shards and records that lie in it; then of images, then of texts. Images that
// are less than a hundred, and less than a tenth of the texts, are strays.
DataForm data_form(const std::string& path_or_name);
const char* name_of(DataForm form);  // "a folder of images"
const std::vector<std::string>& built_in_names();

inline bool is_image_folder(const std::string& path) { return data_form(path) == DataForm::ImageFolder; }
inline bool is_text_folder(const std::string& path) { return data_form(path) == DataForm::TextFolder; }

// The files of TarShards or TfRecords: the path itself; those of a folder; those that a pattern with *, ? or [] names,
// or with {000..127}, as WebDataset writes it. Sorted, but for braces, whose order is theirs. Empty when there are
// none.
std::vector<std::string> record_files(const std::string& path_or_pattern);

}  // namespace batchwise
