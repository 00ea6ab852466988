// Operations whose elements stand several times in the result, or zeros around them: repeat, tile, pad.
#include <numeric>

#include "kernels/rearrange.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

// Repeat, Tile and Pad: where each element of the result comes from.
class SourceOperation final : public Operation {
 public:
  SourceOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"repeats", "axis", "pad_width", "mode"}), word_(last_word(key)) {
    if (word_ == "Pad") {
      mode_ = config.get("mode", "constant");
      require(mode_ == "constant" || mode_ == "reflect" || mode_ == "symmetric", key,
              "mode must be \"constant\", \"reflect\" or \"symmetric\". Got \"", mode_, "\".");
      for (const Config& pair : config.at("pad_width").as_list(key)) pads_.push_back(number_list(key, pair));
      bool fits = !pads_.empty();
      for (const auto& pair : pads_) fits = fits && pair.size() == 2 && pair[0] >= 0 && pair[1] >= 0;
      require(fits && pads_[0][0] == 0 && pads_[0][1] == 0, key,
              "pad_width must be pairs of numbers, (0, 0) for the batch first. Got ", config.at("pad_width").text(),
              ".");
    } else {
      repeats_ = number_list(key, config.at("repeats"));
      for (const int64_t times : repeats_) require(times > 0, key, "repeats must be positive. Got ", times, ".");
      if (word_ == "Repeat") { axis_ = config.at("axis").as_int(key); }
    }
  }
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const auto found = operands(form, inputs.size(), {"x", "constant_values"});
    require(found[0].tensor == 0 && inputs.size() == 1, key(), "the operation takes one tensor. Got ", inputs.size(),
            ".");
    constant(form);
    Shape shape = inputs[0];
    const int rank = shape.rank();
    if (word_ == "Repeat") {
      const int axis = sample_axis(key(), axis_, rank);
      require(repeats_.size() == 1 || static_cast<int64_t>(repeats_.size()) == shape[axis], key(),
              "repeats must be one number, or one for each of the ", shape[axis], " places. Got ",
              config().at("repeats").text(), ".");
      shape[axis] = repeats_.size() == 1 ? shape[axis] * repeats_[0]
                                         : std::accumulate(repeats_.begin(), repeats_.end(), int64_t{0});
    } else if (word_ == "Tile") {
      require(repeats_.size() <= static_cast<size_t>(rank) + 1 &&
                  (repeats_.size() <= static_cast<size_t>(rank) || repeats_[0] == 1),
              key(), "repeats must leave the batch as it is. Got ", config().at("repeats").text(), ".");
      for (int axis = 0; axis < rank; ++axis) shape[axis] *= times(axis, rank);
    } else {
      require(pads_.size() == static_cast<size_t>(rank) + 1, key(), "pad_width must have a pair for each axis. Got ",
              config().at("pad_width").text(), ".");
      for (int axis = 0; axis < rank; ++axis) {
        const auto& pair = pads_[static_cast<size_t>(axis) + 1];
        const int64_t seen = shape[axis] - (mode_ == "reflect" ? 1 : 0);  // beyond an edge
        require(mode_ == "constant" || (pair[0] <= seen && pair[1] <= seen), key(),
                "pad_width must be at most what lies behind an edge, ", seen, ". Got ", config().at("pad_width").text(),
                ".");
        shape[axis] += pair[0] + pair[1];
      }
    }
    return {shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const int rank = type.shape.rank();
    const Rearrangement elements =
        rearrangement(call_shapes({type.shape}, {})[0], [&](std::span<const int64_t> place) -> int64_t {
          int64_t source = 0;
          for (int axis = 0; axis < rank; ++axis) {
            int64_t at = place[static_cast<size_t>(axis)];
            const int64_t size = type.shape[axis];
            if (word_ == "Repeat") at = axis == sample_axis(key(), axis_, rank) ? repeated(at) : at;
            else if (word_ == "Tile") at %= size;
            else at = padded(at - pads_[static_cast<size_t>(axis) + 1][0], size);
            if (at < 0 || at >= size) return -1;
            source = source * size + at;
          }
          return source;
        });
    const Value value = lowering.add1(make_rearrange_kernel("repeat", type, elements, lowering.grain()), {input});
    const float around = constant(lowering.call_form());
    if (around == 0) return {value};
    ElementwiseOperand added{{elements.output, DType::Float32, 0}, {}};
    for (const int64_t source : elements.sources)
      added.constant.insert(added.constant.end(), static_cast<size_t>(elements.run), source < 0 ? around : 0.0f);
    return {lowering.add1(make_binary_kernel("add", {lowering.type(value), {}}, added, lowering.grain()), {value})};
  }

 private:
  float constant(const CallForm& form) const {  // what Pad puts around
    const auto found = operands(form, 1, {"x", "constant_values"});
    if (!found[1].given()) return 0;
    require(found[1].constant.is_number(), key(), "constant_values must be one number. Got ",
            found[1].constant.text().substr(0, 100), ".");
    return static_cast<float>(found[1].constant.as_number(key()));
  }
  int64_t times(int axis, int rank) const {  // of Tile
    const int at = axis - rank + static_cast<int>(repeats_.size());
    return at < 0 ? 1 : repeats_[static_cast<size_t>(at)];
  }

  int64_t repeated(int64_t at) const {  // of Repeat
    if (repeats_.size() == 1) return at / repeats_[0];
    int64_t place = 0;
    while (at >= repeats_[static_cast<size_t>(place)]) at -= repeats_[static_cast<size_t>(place++)];
    return place;
  }
  int64_t padded(int64_t at, int64_t size) const {  // of Pad: what lies beyond an edge is outside or mirrored
    if (mode_ == "constant") return at;
    const int64_t edge = mode_ == "symmetric" ? 1 : 0;
    if (at < 0) return -at - edge;
    return at < size ? at : 2 * size - 2 - at + edge;
  }

  std::string word_, mode_ = "constant";
  std::vector<int64_t> repeats_;
  std::vector<std::vector<int64_t>> pads_;
  int64_t axis_ = 0;
};

const bool registered =
    register_operations<SourceOperation>({"ops.numpy.Repeat"},
                                         {Config::object({{"repeats", 2}, {"axis", 1}}),
                                          Config::object({{"repeats", Config::List{2, 1, 3}}, {"axis", 1}})}) &&
    register_operations<SourceOperation>({"ops.numpy.Tile"}, {Config::object({{"repeats", Config::List{1, 2, 3}}})}) &&
    register_operations<SourceOperation>(
        {"ops.numpy.Pad"},
        {Config::object({{"pad_width", Config::List{Config::List{0, 0}, Config::List{1, 2}, Config::List{0, 1}}}}),
         Config::object({{"pad_width", Config::List{Config::List{0, 0}, Config::List{1, 2}, Config::List{0, 1}}},
                         {"mode", "reflect"}}),
         Config::object({{"pad_width", Config::List{Config::List{0, 0}, Config::List{2, 0}, Config::List{0, 3}}},
                         {"mode", "symmetric"}})});

}  // namespace
}  // namespace batchwise
