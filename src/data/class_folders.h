// The files of a folder of class folders, in the order in which Keras lists them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/path_list.h"

namespace batchwise {

struct ClassFolderQuery {
  std::vector<std::string> endings;      // lower case, with the dot; files with others are left out
  bool by_class = true;                  // false: all files below the folder, without labels
  std::vector<std::string> class_names;  // empty: all folders but hidden ones, sorted
  std::vector<std::string> numbered_as;  // classes by label; all folders must be among them, not all need be there
  bool follow_links = false;             // below the class folders; links to files and to class folders always count
};

struct ClassFolders {
  PathList paths;               // the folder's path included
  std::vector<int32_t> labels;  // by class; empty without classes
  std::vector<std::string> class_names;
};

// Throws Error(Input) for a folder that cannot be read, at any depth, and for links that lead round in circles.
ClassFolders list_class_folders(const std::string& folder, const ClassFolderQuery& query);

}  // namespace batchwise
