// Data sets known by name: Fashion-MNIST from Debian's package, MNIST from files that the user puts in place.
#include <cstdlib>
#include <string>
#include <vector>

#include <batchwise/dataset.h>

#include "data/cache_folder.h"
#include "data/sources/idx.h"

namespace batchwise::datasets {
namespace {

constexpr char kFashionMnistFolder[] = "/usr/share/datasets/fashion-mnist";  // of Debian's dataset-fashion-mnist

// Both parts of the first folder that has all four files; `found` stays false when none has.
Split open_first(const std::vector<std::string>& folders, bool* found) {
  for (const std::string& folder : folders) {
    const IdxPair train = find_idx_pair(folder, "train"), test = find_idx_pair(folder, "t10k");
    if (!train.complete() || !test.complete()) continue;
    *found = true;
    return {open_idx_pair(train), open_idx_pair(test)};
  }
  *found = false;
  return {};
}

std::string listed(const std::vector<std::string>& folders) {
  std::string text;
  for (const std::string& folder : folders) text += (text.empty() ? "" : ", ") + folder;
  return text;
}

}  // namespace

Split fashion_mnist(const std::string& directory) {
  std::vector<std::string> folders;
  if (directory.empty()) folders = {kFashionMnistFolder};
  else folders = {directory + "/fashion-mnist", directory, kFashionMnistFolder};
  bool found = false;
  Split split = open_first(folders, &found);
  require(found, "fashion-mnist", "the four files of Fashion-MNIST must be in one of: ", listed(folders),
          ". Got none there. Install them with: apt install dataset-fashion-mnist");
  return split;
}

Split mnist(const std::string& directory) {
  std::vector<std::string> roots;
  if (!directory.empty()) roots.push_back(directory);
  if (const char* data = std::getenv("BATCHWISE_DATA"); data && *data) roots.push_back(data);
  roots.push_back(cache_folder());
  std::vector<std::string> folders;
  // Fashion-MNIST's files have the same names: a folder called mnist comes before the folder itself.
  for (const std::string& root : roots) folders.insert(folders.end(), {root + "/mnist", root});
  bool found = false;
  Split split = open_first(folders, &found);
  require(found, "mnist",
          "the files train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
          "t10k-labels-idx1-ubyte, plain or .gz, must be in one of: ",
          listed(folders), ". Got none there. Put the four files into ", folders.front(), ".");
  return split;
}

}  // namespace batchwise::datasets
