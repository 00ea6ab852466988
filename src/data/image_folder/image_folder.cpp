// Fetching of image files.
#include "data/image_folder/image_folder.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <xxhash.h>

#include <batchwise/error.h>

#include "base/usable_cores.h"
#include "data/too_large.h"

namespace batchwise {
namespace {

std::vector<Column> columns_of(const ImageFolderRows& rows, const ImageFolderSettings& settings) {
  const ResizeSettings& to = settings.resize;
  std::vector<Column> columns = {{"",
                                  to.channels_first ? Shape{settings.channels, to.height, to.width}
                                                    : Shape{to.height, to.width, settings.channels},
                                  DType::Float32}};
  switch (settings.label_form) {
    case LabelForm::None: break;
    case LabelForm::Int: columns.push_back({"", Shape{}, DType::Int32}); break;
    case LabelForm::Categorical: columns.push_back({"", Shape{rows.classes}, DType::Float32}); break;
    case LabelForm::Binary: columns.push_back({"", Shape{1}, DType::Float32}); break;
  }
  return columns;
}

}  // namespace

// A reader of one's own for the time of a fetch, and what is held.
class ImageFolder::Lease {
 public:
  explicit Lease(const ImageFolder& folder) : folder_(folder) {
    {
      const std::lock_guard lock(folder.mutex_);
      decoded_ = folder.decoded_.lock();
      if (!folder.idle_.empty()) {
        file_ = std::move(folder.idle_.back());
        folder.idle_.pop_back();
      }
    }
    if (file_) return;
    file_ = folder.new_reader();
  }
  ~Lease() {
    const std::lock_guard lock(folder_.mutex_);
    if (folder_.idle_.size() < folder_.idle_.capacity()) folder_.idle_.push_back(std::move(file_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ImageFile& file() { return *file_; }
  DecodedRows* decoded() { return decoded_.get(); }

 private:
  const ImageFolder& folder_;
  std::shared_ptr<DecodedRows> decoded_;
  std::unique_ptr<ImageFile> file_;
};

ImageFolder::ImageFolder(ImageFolderRows rows, const ImageFolderSettings& settings)
    : rows_(std::move(rows)), settings_(settings), columns_(columns_of(rows_, settings)), bad_(rows_.states.size()) {
  for (const FileState& state : rows_.states) usual_file_bytes_ = std::max(usual_file_bytes_, state.bytes);
  usual_file_bytes_ = std::min(usual_file_bytes_, kUsualFile);
  usual_image_bytes_ = usual_image_bytes();
  // One reader per core is there before the first step; more threads make their own.
  const int cores = usable_cores();
  idle_.reserve(static_cast<size_t>(std::max(64, cores)));
  for (int i = 0; i < cores; ++i) idle_.push_back(new_reader());
}

// A progressive JPEG for instance is held whole while it is decoded: what images take is theirs, not their files'.
int64_t ImageFolder::usual_image_bytes() const {
  ImageFile file(settings_.resize, settings_.channels);
  int64_t bytes = kDecoderBytes;
  for (const int64_t row : looked_at(size())) {
    const FileState& state = rows_.states[static_cast<size_t>(row)];
    if (state.bytes <= kUsualFile) try {
        bytes = std::max(bytes, file.needs(rows_.paths.c_str(row), state).bytes);
      } catch (const Error&) {
        // Who reads it is told.
      }
  }
  return std::min(bytes, kUsualImage);
}

std::unique_ptr<ImageFile> ImageFolder::new_reader() const {
  auto reader = std::make_unique<ImageFile>(settings_.resize, settings_.channels);
  reader->reserve(usual_file_bytes_, usual_image_bytes_);
  return reader;
}

int64_t ImageFolder::resident_bytes() const {
  const auto cores = static_cast<int64_t>(usable_cores());
  return rows_.paths.bytes() +
         static_cast<int64_t>(rows_.states.size() * sizeof(FileState) + rows_.labels.size() * sizeof(int32_t)) +
         cores * (usual_file_bytes_ + usual_image_bytes_);
}

void ImageFolder::fetch(int column, std::span<const int64_t> rows, void* out) const {
  const Column& about = columns_[static_cast<size_t>(column)];
  for (int64_t row : rows)
    require(row >= 0 && row < size(), describe(), "rows must be in [0, ", size(), "). Got ", row, ".");
  if (column == 1) {
    const int64_t bytes = about.shape.count() * size_of(about.dtype);
    for (size_t i = 0; i < rows.size(); ++i)
      label(rows[i], static_cast<std::byte*>(out) + static_cast<int64_t>(i) * bytes);
    return;
  }
  Lease lease(*this);
  const int64_t pixels = about.shape.count();
  for (size_t i = 0; i < rows.size(); ++i) {
    float* to = static_cast<float*>(out) + static_cast<int64_t>(i) * pixels;
    // The rest of a grain repeats its last row.
    if (i > 0 && rows[i] == rows[i - 1]) {
      std::memcpy(to, to - pixels, static_cast<size_t>(pixels) * sizeof(float));
      continue;
    }
    DecodedRows* decoded = lease.decoded();
    if (decoded && decoded->read(rows[i], to)) continue;
    read(lease.file(), rows[i], to);
    if (decoded) decoded->write(rows[i], to);
  }
}

void ImageFolder::hold_decoded(DecodedRoom& room) const {
  const std::lock_guard lock(mutex_);
  decoded_ = room.take(size(), columns_[0].shape.count() * static_cast<int64_t>(sizeof(float)), decoded_);
}

void ImageFolder::read(ImageFile& file, int64_t row, float* out) const {
  const auto i = static_cast<size_t>(row);
  if (settings_.on_bad_file == BadFile::Skip) {
    if (!bad_[i]) try {
        return file.read(rows_.paths.c_str(row), rows_.states[i], out);
      } catch (const BudgetError& error) { throw TooLarge(error); } catch (const Error& error) {
        note_bad(row, error.what());
      }
    return read_substitute(file, row, out);
  }
  try {
    file.read(rows_.paths.c_str(row), rows_.states[i], out);
  } catch (const BudgetError& error) { throw TooLarge(error); } catch (const Error& error) {
    throw Error(ErrorKind::Run, std::string(error.what()) +
                                    " Mend or remove the file, or leave such files out with "
                                    "--on-bad-file skip.");
  }
}

void ImageFolder::read_substitute(ImageFile& file, int64_t row, float* out) const {
  for (int64_t step = 1; step < size(); ++step) {
    const int64_t other = (row + step) % size();
    if (bad_[static_cast<size_t>(other)] || !same_label(row, other)) continue;
    try {
      return file.read(rows_.paths.c_str(other), rows_.states[static_cast<size_t>(other)], out);
    } catch (const BudgetError& error) { throw TooLarge(error); } catch (const Error& error) {
      note_bad(other, error.what());
    }
  }
  fail_run(rows_.paths[row],
           "a file that is skipped needs another of its label to take its place. Got none that can "
           "be read.");
}

void ImageFolder::note_bad(int64_t row, const std::string& reason) const {
  if (bad_[static_cast<size_t>(row)].exchange(true) || !settings_.on_skipped) return;
  settings_.on_skipped({std::string(rows_.paths[row]), reason});
}

bool ImageFolder::same_label(int64_t a, int64_t b) const {
  return rows_.labels.empty() || rows_.labels[static_cast<size_t>(a)] == rows_.labels[static_cast<size_t>(b)];
}

void ImageFolder::label(int64_t row, std::byte* out) const {
  const int32_t label = rows_.labels[static_cast<size_t>(row)];
  if (settings_.label_form == LabelForm::Int) {
    std::memcpy(out, &label, sizeof label);
    return;
  }
  auto* values = reinterpret_cast<float*>(out);
  if (settings_.label_form == LabelForm::Binary) {
    values[0] = static_cast<float>(label);
    return;
  }
  std::fill_n(values, rows_.classes, 0.0f);
  values[label] = 1;
}

std::string settings_text(const ImageFolderSettings& settings) {
  const ResizeSettings& to = settings.resize;
  return std::to_string(to.height) + 'x' + std::to_string(to.width) + 'x' + std::to_string(settings.channels) + ' ' +
         interpolation_names()[static_cast<size_t>(to.interpolation)] + ' ' +
         std::to_string(static_cast<int>(to.aspect_ratio)) + (to.channels_first ? " channels first" : "");
}

// However the folder was spelled, from wherever: what is below it goes by where it lies.
std::string ImageFolder::root() const {
  std::error_code ignored;
  std::string root = std::filesystem::absolute(rows_.directory, ignored).lexically_normal().string();
  while (root.ends_with('/')) root.pop_back();
  return root;
}

std::string_view ImageFolder::below_root(int64_t row) const {
  const std::string_view path = rows_.paths[row], spelled = rows_.directory;
  return path.starts_with(spelled) ? path.substr(spelled.size()) : path;
}

void ImageFolder::list_files(const FileSink& sink) const {
  const std::string root = this->root();
  for (int64_t row = 0; row < size(); ++row) {
    const FileState& file = rows_.states[static_cast<size_t>(row)];
    sink(root + std::string(below_root(row)), std::to_string(file.bytes) + ' ' + std::to_string(file.changed_seconds) +
                                                  '.' + std::to_string(file.changed_nanoseconds));
  }
}

std::string ImageFolder::identity() const {
  XXH3_state_t* state = XXH3_createState();
  XXH3_128bits_reset(state);
  const auto add = [&](const void* data, size_t bytes) { XXH3_128bits_update(state, data, bytes); };
  const std::string settings = settings_text(settings_) + ' ' + std::to_string(static_cast<int>(settings_.label_form)) +
                               ' ' + std::to_string(rows_.classes);
  add(settings.data(), settings.size() + 1);
  const std::string root = this->root();
  add(root.c_str(), root.size() + 1);
  for (int64_t row = 0; row < size(); ++row) {
    const FileState& file = rows_.states[static_cast<size_t>(row)];
    const std::string_view below = below_root(row);
    add(below.data(), below.size());
    add("", 1);
    const int64_t numbers[] = {file.bytes, file.changed_seconds, file.changed_nanoseconds,
                               rows_.labels.empty() ? 0 : rows_.labels[static_cast<size_t>(row)]};
    add(numbers, sizeof numbers);
  }
  // With a file that another one stands for, the rows are not those that the files' names promise.
  const auto replaced =
      std::count_if(bad_.begin(), bad_.end(), [](const std::atomic<bool>& bad) { return bad.load(); });
  add(&replaced, sizeof replaced);
  const XXH128_hash_t hash = XXH3_128bits_digest(state);
  XXH3_freeState(state);
  return "images " + std::to_string(hash.high64) + '-' + std::to_string(hash.low64);
}

}  // namespace batchwise
