// The picture of a folder of images: some of every class, small, side by side, below its name.
#include <algorithm>
#include <cmath>

#include "cli/folder_inspection.h"
#include "images/png_writer.h"
#include "images/small_letters.h"

namespace batchwise {
namespace {

constexpr int64_t kSide = 96, kGap = 4, kAcross = 12, kRowsWithoutClasses = 8, kMostRows = 200;
constexpr int64_t kScale = 2, kLabel = kLetterHeight * kScale + kGap;  // the line above a row
constexpr uint8_t kPaper = 240, kInk = 40;

// Numbers of the files in each row: evenly spread over the files of a class.
std::vector<std::vector<int64_t>> rows_of(const FolderInspection& i) {
  const bool classes = !i.files.labels.empty();
  std::vector<std::vector<int64_t>> all(classes ? i.files.class_names.size() : 1);
  for (int64_t f = 0; f < i.files.paths.size(); ++f)
    if (i.images[static_cast<size_t>(f)].damage.empty())
      all[classes ? static_cast<size_t>(i.files.labels[static_cast<size_t>(f)]) : 0].push_back(f);
  const int64_t most = classes ? kAcross : kAcross * kRowsWithoutClasses;
  for (auto& files : all) {
    const auto count = static_cast<int64_t>(files.size()), shown = std::min(count, most);
    for (int64_t k = 0; k < shown; ++k) files[static_cast<size_t>(k)] = files[static_cast<size_t>(k * count / shown)];
    files.resize(static_cast<size_t>(shown));
  }
  if (classes) {
    all.resize(std::min<size_t>(all.size(), kMostRows));
    return all;
  }
  std::vector<std::vector<int64_t>> rows;
  for (size_t at = 0; at < all[0].size(); at += kAcross)
    rows.emplace_back(all[0].begin() + static_cast<int64_t>(at),
                      all[0].begin() + static_cast<int64_t>(std::min(all[0].size(), at + kAcross)));
  return rows;
}

// "ants, 12 images", cut to what fits.
std::string label_of(const FolderInspection& i, size_t label, int64_t width) {
  const auto count = std::count(i.files.labels.begin(), i.files.labels.end(), static_cast<int32_t>(label));
  const std::string behind = ", " + std::to_string(count) + (count == 1 ? " image" : " images");
  std::string name = letters_of(i.files.class_names[label]);
  const size_t room = static_cast<size_t>(width / (kLetterWidth * kScale)) - behind.size();
  if (name.size() > room) name = name.substr(0, room - 3) + "...";
  return name + behind;
}

}  // namespace

std::string contact_sheet(const FolderInspection& i) {
  const std::vector<std::vector<int64_t>> rows = rows_of(i);
  const int64_t above = i.files.labels.empty() ? 0 : kLabel, row_height = above + kSide + kGap;
  const int64_t height = static_cast<int64_t>(rows.size()) * row_height + kGap;
  const int64_t width = kAcross * (kSide + kGap) + kGap;
  std::vector<uint8_t> sheet(static_cast<size_t>(height * width * 3), kPaper);
  ResizeSettings settings;
  settings.height = settings.width = kSide;
  settings.interpolation = Interpolation::Area;
  settings.aspect_ratio = AspectRatio::Pad;
  ImageFile rgb(settings, 3), rgba(settings, 4);
  std::vector<float> pixels(kSide * kSide * 4);
  for (size_t r = 0; r < rows.size(); ++r) {
    const int64_t row_top = kGap + static_cast<int64_t>(r) * row_height, top = row_top + above;
    if (above > 0)
      draw_letters(label_of(i, r, width - kGap), kScale, kInk, sheet.data() + (row_top * width + kGap) * 3, width);
    for (size_t c = 0; c < rows[r].size(); ++c) {
      const int64_t f = rows[r][c];
      const bool alpha = i.rgba.count(f) > 0;
      (alpha ? rgba : rgb).read(i.files.paths.c_str(f), i.states[static_cast<size_t>(f)], pixels.data());
      const int64_t left = kGap + static_cast<int64_t>(c) * (kSide + kGap);
      for (int64_t y = 0; y < kSide; ++y)
        for (int64_t x = 0; x < kSide * 3; ++x) {
          const int64_t at = (y * kSide + x / 3) * (alpha ? 4 : 3) + x % 3;
          sheet[static_cast<size_t>(((top + y) * width + left) * 3 + x)] =
              static_cast<uint8_t>(std::lround(pixels[static_cast<size_t>(at)]));
        }
    }
  }
  return png_of(height, width, sheet);
}

}  // namespace batchwise
