// Recognises what a path or name of data means.
#include "data/open_data.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

#include <batchwise/registry.h>

#include "data/sources/csv.h"
#include "data/sources/idx.h"
#include "data/sources/npy.h"
#include "data/sources/npz.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, datasets::Split (*)(const std::string&)>& built_in() {
  static const std::map<std::string, datasets::Split (*)(const std::string&)> table = {
      {"fashion-mnist", &datasets::fashion_mnist}, {"mnist", &datasets::mnist}};
  return table;
}

Dataset open_folder(const std::string& path, DataPart part) {
  const IdxPair train = find_idx_pair(path, "train"), test = find_idx_pair(path, "t10k");
  const IdxPair& wanted = part == DataPart::Train ? train : test;
  const IdxPair& other = part == DataPart::Train ? test : train;
  if (wanted.complete()) return open_idx_pair(wanted);
  for (const IdxPair* pair : {&train, &test})
    require(pair->images.empty() == pair->labels.empty(), path, "images and labels must both be there. Got only ",
            pair->images.empty() ? pair->labels : pair->images, ".");
  if (other.complete()) return open_idx_pair(other);
  std::error_code error;
  bool folders = false, texts = false;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end && it.depth() < 2;
       it.increment(error)) {
    folders = folders || it->is_directory(error);
    texts = texts || it->path().extension() == ".txt";
  }
  if (folders)
    fail(path, "the folder must hold IDX files. Got class folders of ", texts ? "texts" : "images",
         ", which come with the input pipeline of a later version. Until then, convert them to an .npz with arrays x "
         "and y.");
  fail(path,
       "the folder must hold IDX files, train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or .gz. Got none.");
}

std::string ending_of(const std::string& path) {
  std::string ending = fs::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return c < 128 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c); });
  return ending;
}

}  // namespace

Dataset open_data(const std::string& path_or_name, const DataOptions& options) {
  const std::string& path = path_or_name;
  const auto named = built_in().find(path);
  const std::string ending = ending_of(path);
  require(options.target.empty() || ending == ".csv", path, "a target column belongs to a .csv file. Got the target \"",
          options.target, "\" for other data.");
  if (named != built_in().end()) {
    datasets::Split split = named->second(options.data_dir);
    return options.part == DataPart::Train ? split.train : split.test;
  }
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    std::vector<std::string> names;
    for (const auto& [name, open] : built_in()) names.push_back(name);
    const std::string near = nearest_name(path, names);
    fail(path,
         "data must be a built-in name (fashion-mnist, mnist), a .npz, .npy or .csv file, or a folder. Got a path that "
         "does not exist.",
         near.empty() ? "" : " Did you mean \"" + near + "\"?");
  }
  if (fs::is_directory(status)) return open_folder(path, options.part);
  if (ending == ".npz") return open_npz_data(path, options.input_names, options.output_names);
  if (ending == ".csv") return open_csv_data(path, options.target);
  if (ending == ".npy") {
    std::vector<FileColumn> columns;
    columns.push_back(npy_column(path, ""));
    return Dataset(std::make_shared<FileRows>(std::move(columns), path), 1, 0);
  }
  fail(path,
       "data must be a built-in name (fashion-mnist, mnist), a .npz, .npy or .csv file, or a folder. Got a file that "
       "ends in \"",
       ending, "\".");
}

}  // namespace batchwise
