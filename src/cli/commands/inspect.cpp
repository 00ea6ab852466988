// batchwise inspect: what a file, a run folder or a folder of images or texts holds.
#include <filesystem>
#include <iostream>

#include <batchwise/error.h>

#include "base/atomic_file.h"
#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/folder_inspection.h"
#include "cli/inspection.h"
#include "cli/printable.h"
#include "cli/run_inspection.h"
#include "cli/text_inspection.h"
#include "data/open_data.h"

namespace batchwise {

int run_inspect(const std::vector<std::string>& words) {
  std::string path, out;
  bool json = false, follow_links = false;
  Arguments arguments("inspect",
                      "Say what a file holds: a model (.keras, .h5), weights (.weights.h5, .safetensors), .npy, .npz, "
                      ".csv or IDX data,\n"
                      "tar shards or TFRecord files, a checkpoint, the folder of a run, a tune or a sweep, or a folder "
                      "of images or .txt "
                      "files, which are all "
                      "read.",
                      {"batchwise inspect model.keras", "batchwise inspect data.npz", "batchwise inspect runs/first",
                       "batchwise inspect photos/ --out sheet.png", "batchwise inspect reviews/ --json",
                       "batchwise inspect 'shard-*.tar'"});
  arguments.positional("FILE", path, "A file, the folder of a run, or a folder of images or texts");
  arguments.text("--out", out, "FILE.png", "Of a folder of images: a picture of some of every class");
  arguments.flag("--json", json, "Of a folder of images or texts: one JSON line");
  arguments.flag("--follow-links", follow_links, "Look into folders that links lead to");
  if (!arguments.parse(words)) {
    std::cout << arguments.help();
    return kDone;
  }
  require(out.empty() || out.ends_with(".png"), "--out", "the picture is a PNG: its file must end in .png. Got \"", out,
          "\".");
  const DataForm form = is_run(path) ? DataForm::Unknown : data_form(path);
  if (form == DataForm::ImageFolder) {
    const FolderInspection inspection = inspect_images(path, follow_links);
    if (json) std::cout << config_of(inspection).text() << "\n";
    else std::cout << printable_lines(text_of(inspection));
    if (!out.empty()) write_file_atomically(out, contact_sheet(inspection));
    return kDone;
  }
  require(out.empty(), path, "--out belongs to a folder of images. Got something else.");
  if (form == DataForm::TextFolder) {
    const TextInspection inspection = inspect_texts(path, follow_links);
    std::cout << (json ? config_of(inspection).text() + "\n" : printable_lines(text_of(inspection)));
    return kDone;
  }
  require(!json && !follow_links, path,
          "--json and --follow-links belong to a folder of images or texts. Got something else.");
  std::cout << printable_lines(inspection(path));
  return kDone;
}

}  // namespace batchwise
