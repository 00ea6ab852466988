// The forms of data that the command line takes: built-in names, files, folders.
#pragma once

#include <string>
#include <vector>

#include <batchwise/dataset.h>
#include <batchwise/image_dataset.h>

#include "data/data_form.h"

namespace batchwise {

// Which files are meant where a form has both: built-in names and folders of IDX files.
enum class DataPart { Train, Test };

struct DataOptions {
  std::string data_dir;  // where built-in names look first
  std::string target;    // .csv: the column to predict
  DataPart part = DataPart::Train;
  std::vector<std::string> input_names;  // of the model: arrays of an .npz may be called so, columns of a .csv
  std::vector<DType> input_dtypes;       // of the model
  std::vector<Shape> input_shapes;       // of the model: of what lies in records without a shape
  std::vector<std::string> output_names;
  std::vector<std::string> asked_outputs;  // those that need targets, where not all do
  ImageDatasetOptions images;  // of a folder of images (labels, shuffle and split: of texts as well); with a split,
                               // `held_out` receives the other side of it
  Dataset* held_out = nullptr;
  // Classes by label, as other data names them: those of folders and of texts in a .csv are numbered so here too, and
  // others refused by name. Empty: the data's own, sorted.
  std::vector<std::string> numbered_as;
  std::vector<std::string>* class_names = nullptr;  // receives the classes by label; none where labels are numbers
};

// Throws Error(Input) for forms that are not known, and for options that the form does not take.
Dataset open_data(const std::string& path_or_name, const DataOptions& options = {});

}  // namespace batchwise
