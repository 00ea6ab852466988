// StackedRNNCells: cells on top of one another. On a sequence, each goes over all steps before the next one starts.
#include <map>

#include "base/snake_case.h"
#include "kernels/reverse.h"
#include "layers/arguments.h"
#include "layers/part_config.h"
#include "layers/recurrent_cell.h"

namespace batchwise {
namespace {

class StackedCells final : public RecurrentCell {
 public:
  explicit StackedCells(const Config& config) {
    require_known_keys("StackedRNNCells", config, {"cells"});
    for (const Config& stated : config.at("cells").as_list("StackedRNNCells.cells")) {
      const std::shared_ptr<Layer> made = make_part(stated, "StackedRNNCells");
      auto cell = std::dynamic_pointer_cast<RecurrentCell>(made);
      require(cell != nullptr, "StackedRNNCells", "cells must be recurrent cells. Got ", made->class_name(), ".");
      cells_.push_back(std::move(cell));
    }
    require(!cells_.empty(), "StackedRNNCells", "cells must be one or more. Got none.");
  }
  std::string_view class_name() const override { return "StackedRNNCells"; }
  Config config() const override {
    Config::List cells;
    for (const auto& cell : cells_) cells.push_back(part_config(*cell));
    return Config::object({{"cells", cells}});
  }
  Shapes state_shapes(const Shape& step) const override {
    Shapes all;
    Shape shape = step;
    for (const auto& cell : cells_) {
      for (const Shape& state : cell->state_shapes(shape)) all.push_back(state);
      shape = cell->output_shape(shape);
    }
    return all;
  }
  Shape output_shape(const Shape& step) const override {
    Shape shape = step;
    for (const auto& cell : cells_) shape = cell->output_shape(shape);
    return shape;
  }
  std::vector<Part> parts() const override {
    std::vector<Part> parts;
    std::map<std::string, int> counts;
    for (const auto& cell : cells_) {  // as Keras names the elements of a list in files
      const std::string stem = snake_case(cell->class_name());
      const int count = counts[stem]++;
      parts.push_back({"cells/" + stem + (count == 0 ? "" : "_" + std::to_string(count)), cell});
    }
    return parts;
  }
  void build_parts(const Shapes& inputs, const CallForm&) override {
    Shape shape = inputs[0];
    for (const auto& cell : cells_) {
      cell->build({shape});
      shape = cell->output_shape(shape);
    }
  }

 protected:
  std::vector<Value> lower_sequence(Lowering& lowering, Value sequence, std::span<const Value> states,
                                    const SequenceCall& call) const override {
    Value value = sequence, mask = lowering.mask(sequence);
    if (call.backwards) {
      if (mask.index >= 0) mask = lowering.add1(make_reverse_kernel(lowering.type(mask), lowering.grain()), {mask});
      value = lowering.plain(value);
      value = lowering.add1(make_reverse_kernel(lowering.type(value), lowering.grain()), {value});
    }
    std::vector<Value> all{value};
    for (size_t i = 0; i < cells_.size(); ++i) {
      const bool last = i + 1 == cells_.size();
      const size_t count = cells_[i]->state_shapes(lowering.type(value).shape.without_batch()).size();
      std::vector<Value> inputs{value};
      if (!states.empty()) {
        inputs.insert(inputs.end(), states.begin(), states.begin() + static_cast<int64_t>(count));
        states = states.subspan(count);
      }
      lowering.set_mask(value, mask);
      const SequenceCall own{
          .sequences = !last || call.sequences, .states = call.states, .zero_masked = last && call.zero_masked};
      const std::vector<Value> outputs = lowering.lower_part(*cells_[i], inputs, own.form(inputs.size() - 1));
      value = all[0] = outputs[0];
      all.insert(all.end(), outputs.begin() + 1, outputs.end());
    }
    return all;
  }

 private:
  std::vector<std::shared_ptr<RecurrentCell>> cells_;
};

const RegisterLayer<StackedCells> registered{
    "StackedRNNCells",
    {},
    {Config::object({{"cells", Config::List{config_of(Spec("GRUCell", Config::object({{"units", 4}}))),
                                            config_of(Spec("LSTMCell", Config::object({{"units", 3}})))}}})}};

}  // namespace
}  // namespace batchwise
