// Options of data, against what the data is.
#include "cli/data_choice.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <batchwise/error.h>

#include "data/data_form.h"

namespace batchwise {
namespace {

using Forms = std::vector<DataForm>;

struct DataOption {
  const char* name;
  Forms takes;
  bool given;
  const char* belongs_to;
};

std::vector<DataOption> options_of(const DataChoice& c) {
  const Forms photos = {DataForm::ImageFolder};
  const Forms pictures = {DataForm::ImageFolder, DataForm::TarShards, DataForm::TfRecords};
  const Forms folders = {DataForm::ImageFolder, DataForm::TextFolder};
  const char *photo = "a folder of images", *picture = "a folder of images, tar shards or TFRecord files",
             *either = "a folder of images or texts";
  return {{"--data-dir", {DataForm::BuiltIn}, !c.data_dir.empty(), "a built-in data set"},
          {"--target", {DataForm::Csv}, !c.target.empty(), "a .csv file"},
          {"--image-size", pictures, !c.images.image_size.empty(), picture},
          {"--color-mode", pictures, !c.images.color_mode.empty(), picture},
          {"--interpolation", photos, !c.images.interpolation.empty(), photo},
          {"--crop-to-aspect-ratio", photos, c.images.crop_to_aspect_ratio, photo},
          {"--pad-to-aspect-ratio", photos, c.images.pad_to_aspect_ratio, photo},
          {"--on-bad-file", photos, !c.images.on_bad_file.empty(), photo},
          {"--cache", photos, !c.images.cache.empty(), photo},
          {"--label-mode", folders, !c.images.label_mode.empty(), either},
          {"--follow-links", folders, c.images.follow_links, either}};
}

bool takes(const DataOption& option, DataForm form) {
  return std::find(option.takes.begin(), option.takes.end(), form) != option.takes.end();
}

}  // namespace

void DataChoice::declare(Arguments& a) {
  a.text("--data-dir", data_dir, "DIR", "Folder in which built-in data is looked for first");
  a.text("--target", target, "COLUMN", "Column of a .csv that is to be predicted");
  images.declare(a);
}

void DataChoice::check(const std::vector<std::string>& all_data) const {
  std::string got;
  Forms forms;
  for (const std::string& one : all_data) {
    if (one.empty()) continue;
    forms.push_back(data_form(one));
    if (forms.back() == DataForm::Unknown) return;  // opening it tells
    got += (got.empty() ? "" : " and ") + one + ", " + name_of(forms.back());
  }
  for (const DataOption& option : options_of(*this)) {
    if (!option.given) continue;
    const bool taken = std::any_of(forms.begin(), forms.end(), [&](DataForm form) { return takes(option, form); });
    require(taken, option.name, "the option belongs to ", option.belongs_to, ". Got ", got.empty() ? "no data" : got,
            ". Leave the option out.");
  }
}

DataChoice DataChoice::taken() const {
  DataChoice choice = *this;
  if (data_form(data) != DataForm::Csv) choice.target.clear();
  if (data_form(data) != DataForm::ImageFolder) choice.images.cache = choice.images.on_bad_file = "";
  return choice;
}

std::string absolute_if_there(const std::string& path) {
  std::error_code error;
  const auto is_pattern = [&] {
    const DataForm form = data_form(path);
    return form != DataForm::Unknown && form != DataForm::BuiltIn;
  };
  return !path.empty() && (std::filesystem::exists(path, error) || is_pattern())
             ? std::filesystem::absolute(path, error).lexically_normal().string()
             : path;
}

}  // namespace batchwise
