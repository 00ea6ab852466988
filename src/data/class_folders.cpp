// Listing of class folders.
#include "data/class_folders.h"

#include <cerrno>
#include <cstring>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <batchwise/registry.h>

namespace batchwise {
namespace {

struct Entries {
  std::vector<std::string> folders, links_to_folders, files;
};

// What is neither a folder nor leads to one counts as a file, whatever it is: opening it will tell.
Entries entries_of(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), &::closedir);
  require(open != nullptr, folder, "the folder must exist and be readable. Got: ", std::strerror(errno), ".");
  Entries entries;
  errno = 0;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat facts;
    const std::string path = folder + '/' + name;
    bool link = entry->d_type == DT_LNK, is_folder = entry->d_type == DT_DIR;
    if (entry->d_type == DT_UNKNOWN && ::lstat(path.c_str(), &facts) == 0) {
      link = S_ISLNK(facts.st_mode);
      is_folder = S_ISDIR(facts.st_mode);
    }
    if (link) is_folder = ::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
    (!is_folder ? entries.files : link ? entries.links_to_folders : entries.folders).push_back(name);
    errno = 0;
  }
  require(errno == 0, folder, "the folder must be readable. Got: ", std::strerror(errno), ".");
  return entries;
}

bool ends_with_any(const std::string& name, const std::vector<std::string>& endings) {
  return std::any_of(endings.begin(), endings.end(), [&](const std::string& ending) {
    return name.size() >= ending.size() &&
           std::equal(ending.rbegin(), ending.rend(), name.rbegin(), [](char e, char c) {
             return e == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
           });
  });
}

// All folders from one on, with the files in each: sorted by the folder's whole path, then by name.
class Walk {
 public:
  explicit Walk(const ClassFolderQuery& query) : query_(query) {}

  void go(const std::string& folder, const std::string& relative = "") {
    struct stat facts;
    require(::stat(folder.c_str(), &facts) == 0, folder, "the folder must exist. Got: ", std::strerror(errno), ".");
    const auto identity = std::pair(facts.st_dev, facts.st_ino);
    require(above_.insert(identity).second, folder,
            "links must not lead back to a folder that holds them. Got a circle. Take follow_links away.");
    Entries entries = entries_of(folder);
    std::erase_if(entries.files, [&](const std::string& name) { return !ends_with_any(name, query_.endings); });
    std::sort(entries.files.begin(), entries.files.end());
    found_.emplace_back(relative, std::move(entries.files));
    if (query_.follow_links)
      entries.folders.insert(entries.folders.end(), entries.links_to_folders.begin(), entries.links_to_folders.end());
    for (const std::string& name : entries.folders)
      go(folder + '/' + name, relative.empty() ? name : relative + '/' + name);
    above_.erase(identity);
  }

  std::vector<std::pair<std::string, std::vector<std::string>>> sorted() && {
    std::sort(found_.begin(), found_.end());
    return std::move(found_);
  }

 private:
  const ClassFolderQuery& query_;
  std::vector<std::pair<std::string, std::vector<std::string>>> found_;
  std::set<std::pair<dev_t, ino_t>> above_;
};

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "\"" : ", \"") + name + '"';
  return text.empty() ? "none" : text;
}

std::vector<std::string> classes_of(const std::string& folder, const ClassFolderQuery& query) {
  const std::vector<std::string>& wanted = query.class_names;
  Entries entries = entries_of(folder);
  std::vector<std::string> there = std::move(entries.folders);
  there.insert(there.end(), entries.links_to_folders.begin(), entries.links_to_folders.end());
  std::erase_if(there, [](const std::string& name) { return name.front() == '.'; });
  std::sort(there.begin(), there.end());
  if (!query.numbered_as.empty()) {
    const auto& known = query.numbered_as;
    for (const std::string& name : there)
      require(std::find(known.begin(), known.end(), name) != known.end(), folder,
              "class folders must be called as the classes that labels are numbered by, ", listed(known), ". Got \"",
              name, "\". Rename the folder, or take it away.");
    return known;
  }
  if (wanted.empty()) return there;
  for (const std::string& name : wanted) {
    require(std::find(there.begin(), there.end(), name) != there.end(), "class_names",
            "the names must be those of class folders, ", listed(there), ". Got \"", name, "\".");
    require(std::count(wanted.begin(), wanted.end(), name) == 1, "class_names",
            "every class must be named once. Got \"", name, "\" again.");
  }
  return wanted;
}

}  // namespace

ClassFolders list_class_folders(const std::string& folder, const ClassFolderQuery& query) {
  ClassFolders found;
  if (query.by_class) found.class_names = classes_of(folder, query);
  const std::vector<std::string> roots = query.by_class ? found.class_names : std::vector<std::string>{""};
  std::string path;
  for (size_t label = 0; label < roots.size(); ++label) {
    const std::string root = roots[label].empty() ? folder : folder + '/' + roots[label];
    if (!query.numbered_as.empty() && ::access(root.c_str(), F_OK) != 0) continue;
    Walk walk(query);
    walk.go(root);
    for (const auto& [below, files] : std::move(walk).sorted())
      for (const std::string& file : files) {
        path = root;
        path += '/';
        if (!below.empty()) path.append(below).append(1, '/');
        found.paths.add(path += file);
        if (query.by_class) found.labels.push_back(static_cast<int32_t>(label));
      }
  }
  return found;
}

}  // namespace batchwise
