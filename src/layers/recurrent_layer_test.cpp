// Recurrent layers: states, masks, dropout, directions and what is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> make(const char* name, Config::Object arguments) {
  auto layer = Registry<Layer>::instance().make({name, std::move(arguments)}, "test");
  layer->set_name("layer");
  return layer;
}

std::string refusal(const char* name, Config::Object arguments, const Shapes& inputs = {{4, 3}},
                    const CallForm& form = {}) {
  try {
    make(name, std::move(arguments))->call_shapes(inputs, form);
  } catch (const Error& error) { return error.what(); }
  return "";
}

Array mask_of(std::initializer_list<std::initializer_list<int>> rows) {
  Array mask(DType::Bool, {static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows.begin()->size())});
  size_t at = 0;
  for (const auto& row : rows)
    for (const int counts : row) reinterpret_cast<uint8_t*>(mask.raw())[at++] = static_cast<uint8_t>(counts);
  return mask;
}

CallForm with_states(size_t count) {
  CallForm form;
  form.roles.assign(1 + count, "initial_state");
  form.roles[0] = "";
  return form;
}

bool same(const Array& a, const Array& b) {
  return a.shape() == b.shape() && std::memcmp(a.raw(), b.raw(), static_cast<size_t>(a.bytes())) == 0;
}

Array reversed(const Array& array) {
  Array turned = array.clone();
  const int64_t steps = array.shape()[1], bytes = array.bytes() / array.rows() / steps;
  for (int64_t row = 0; row < array.rows(); ++row)
    for (int64_t step = 0; step < steps; ++step)
      std::memcpy(turned.raw() + (row * steps + step) * bytes, array.raw() + (row * steps + steps - 1 - step) * bytes,
                  static_cast<size_t>(bytes));
  return turned;
}

TEST(RecurrentLayer, StepsBeforeTheFirstThatCountsGiveZeros) {
  const auto layer = make("GRU", {{"units", 5}, {"return_sequences", true}});
  const Array x = random_array({2, 4, 3}, 1);
  layer->build({{4, 3}});
  const TrialResult result =
      try_layer(*layer, {x}, trial_weights(*layer, {}), {},
                {.grain = 2, .training = false, .masks = {mask_of({{0, 0, 1, 0}, {0, 0, 0, 0}})}});
  const float* y = result.outputs[0].data<float>();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(y[i], 0);
  for (int i = 0; i < 5; ++i) {
    EXPECT_NE(y[10 + i], 0);
    EXPECT_EQ(y[15 + i], y[10 + i]) << "a later step repeats the output";
    EXPECT_EQ(y[20 + 15 + i], 0) << "no step counts";
  }
}

// As in Keras, which hands masks over to layers that are called on one tensor alone.
TEST(RecurrentLayer, MasksLeaveNoStepOutWhereInitialStatesAreGiven) {
  for (const char* class_name : {"GRU", "SimpleRNN"}) {
    const auto layer = make(class_name, {{"units", 5}, {"return_sequences", true}});
    const Array x = random_array({2, 4, 3}, 1), h = random_array({2, 5}, 2);
    layer->build({{4, 3}, {5}}, with_states(1));
    const auto weights = trial_weights(*layer, {});
    const TrialResult with = try_layer(
        *layer, {x, h}, weights, {},
        {.grain = 2, .training = false, .form = with_states(1), .masks = {mask_of({{0, 0, 1, 0}, {1, 1, 0, 0}})}});
    const TrialResult without =
        try_layer(*layer, {x, h}, weights, {}, {.grain = 2, .training = false, .form = with_states(1)});
    for (int64_t i = 0; i < 40; ++i)
      EXPECT_EQ(with.outputs[0].data<float>()[i], without.outputs[0].data<float>()[i]) << class_name;
  }
}

TEST(RecurrentLayer, MasksThatTheCallStatesLeaveStepsOutBesideInitialStates) {
  const Config::Object arguments{{"units", 5}, {"return_sequences", true}};
  const Array x = random_array({2, 4, 3}, 1), mask = mask_of({{0, 0, 1, 0}, {1, 1, 0, 0}});
  Array hidden = x.clone();
  for (int64_t i = 0; i < x.count(); ++i)
    if (!reinterpret_cast<const uint8_t*>(mask.raw())[i / 3]) hidden.data<float>()[i] = 9;
  for (const size_t directions : {size_t{1}, size_t{2}}) {
    const auto layer = directions == 1 ? make("GRU", arguments)
                                       : make("Bidirectional", {{"layer", config_of(Spec("GRU", arguments))}});
    CallForm form = with_states(directions);
    std::vector<Array> tensors{x};
    Shapes shapes{{4, 3}};
    for (size_t i = 0; i < directions; ++i) {
      tensors.push_back(random_array({2, 5}, 2 + i));
      shapes.push_back({5});
    }
    layer->build(shapes, form);
    const auto weights = trial_weights(*layer, {});
    const auto run = [&](const Array& sequence) {
      tensors[0] = sequence;
      return try_layer(*layer, tensors, weights, {}, {.grain = 2, .training = false, .form = form}).outputs[0];
    };
    EXPECT_FALSE(same(run(x), run(hidden)));
    form.roles.emplace_back("mask");
    tensors.push_back(mask);
    const Array masked = run(x);
    EXPECT_TRUE(same(masked, run(hidden))) << directions;
    tensors[1] = random_array({2, 5}, 7);
    EXPECT_FALSE(same(masked, run(x))) << "the state counts";
  }
}

// Keras adds the penalty of every output, those that nothing reads among them.
TEST(RecurrentLayer, ActivityPenaltiesAreOfTheStatesToo) {
  const auto plain = make("LSTM", {{"units", 4}, {"return_state", true}});
  const auto penalised = make("LSTM", {{"units", 4},
                                       {"return_state", true},
                                       {"activity_regularizer", config_of(Spec("L2", Config::object({{"l2", 0.5}})))}});
  const Array x = random_array({3, 4, 2}, 1), dy = random_array({3, 4}, 2);
  const std::vector<Array> weights = trial_weights(*plain, {{4, 2}});
  const TrialResult got = try_layer(*penalised, {x}, weights, {dy, Array(), Array()}, {.grain = 2});
  double squares = 0;
  std::vector<Array> with_penalty;
  for (const Array& output : got.outputs) {
    with_penalty.push_back(output.clone());
    for (int64_t i = 0; i < output.count(); ++i) {
      const double value = output.data<float>()[i];
      squares += value * value;
      with_penalty.back().data<float>()[i] =
          static_cast<float>(value) / 3 + (with_penalty.size() == 1 ? dy.data<float>()[i] : 0);
    }
  }
  EXPECT_NEAR(got.added_loss, 0.5 * squares, 1e-9);
  const TrialResult wanted = try_layer(*plain, {x}, weights, with_penalty, {.grain = 2});
  for (int64_t i = 0; i < x.count(); ++i)
    EXPECT_NEAR(got.input_gradients[0].data<float>()[i], wanted.input_gradients[0].data<float>()[i], 1e-6);
}

TEST(RecurrentLayer, DropoutOfTheInputsIsTheSameForEveryStepOfASample) {
  const auto layer = make(
      "SimpleRNN",
      {{"units", 64}, {"return_sequences", true}, {"dropout", 0.25}, {"activation", "linear"}, {"use_bias", false}});
  Array x(DType::Float32, {3, 5, 64}), kernel(DType::Float32, {64, 64}), recurrent(DType::Float32, {64, 64});
  std::fill_n(x.data<float>(), x.count(), 1.0f);
  for (int64_t i = 0; i < 64; ++i) kernel.data<float>()[i * 65] = 1;
  layer->build({{5, 64}});
  const Array y = try_layer(*layer, {x}, {kernel, recurrent}, {}, {.grain = 2}).outputs[0];
  int dropped = 0;
  for (int64_t row = 0; row < 3; ++row)
    for (int64_t u = 0; u < 64; ++u) {
      const float first = y.data<float>()[row * 5 * 64 + u];
      EXPECT_TRUE(first == 0 || std::fabs(first - 4 / 3.0f) < 1e-6f) << first;
      dropped += first == 0;
      for (int64_t step = 1; step < 5; ++step) EXPECT_EQ(y.data<float>()[(row * 5 + step) * 64 + u], first);
    }
  EXPECT_NEAR(dropped, 48, 20);
  EXPECT_TRUE(same(try_layer(*layer, {x}, {kernel, recurrent}, {}, {.training = false}).outputs[0], x));
}

TEST(RecurrentLayer, EveryGateOfALstmDrawsItsOwnDropoutWhereTheStateIsDropped) {
  // The candidate and the output gate see the input through the same weights: with one draw they would be equal.
  const auto layer = make("LSTM", {{"units", 32},
                                   {"dropout", 0.5},
                                   {"recurrent_dropout", 0.5},
                                   {"use_bias", false},
                                   {"activation", "linear"},
                                   {"recurrent_activation", "linear"}});
  Array x(DType::Float32, {1, 1, 32}), kernel(DType::Float32, {32, 128}), recurrent(DType::Float32, {32, 128});
  std::fill_n(x.data<float>(), x.count(), 1.0f);
  for (int64_t i = 0; i < 32; ++i)
    for (const int64_t gate : {0, 2, 3}) kernel.data<float>()[i * 128 + gate * 32 + i] = 1;
  layer->build({{1, 32}});
  const Array y = try_layer(*layer, {x}, {kernel, recurrent}, {}, {.grain = 1}).outputs[0];
  int kept = 0;  // by all of input, candidate and output; the product of four factors with the carry's activation
  for (const float value : y.values<float>()) kept += value != 0;
  EXPECT_LT(kept, 14) << "an eighth, not a half";
}

TEST(RecurrentLayer, AStackGoesBackwardsAsAReversedSequenceGoesForwards) {
  const Config::List cells{config_of(Spec("LSTMCell", Config::object({{"units", 4}}))),
                           config_of(Spec("GRUCell", Config::object({{"units", 3}})))};
  const auto forwards = make("RNN", {{"cell", cells}, {"return_sequences", true}, {"return_state", true}});
  const auto backwards =
      make("RNN", {{"cell", cells}, {"return_sequences", true}, {"return_state", true}, {"go_backwards", true}});
  const Array x = random_array({2, 4, 3}, 1), mask = mask_of({{1, 1, 0, 1}, {0, 1, 1, 1}});
  const std::vector<Array> weights = trial_weights(*forwards, {{4, 3}});
  const TrialResult a = try_layer(*forwards, {reversed(x)}, weights, {}, {.masks = {reversed(mask)}}),
                    b = try_layer(*backwards, {x}, weights, {}, {.masks = {mask}});
  ASSERT_EQ(a.outputs.size(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_TRUE(same(a.outputs[i], b.outputs[i])) << i;
}

TEST(RecurrentLayer, ACellAloneIsOneStep) {
  const auto cell = make("LSTMCell", {{"units", 4}});
  const auto layer = make("LSTM", {{"units", 4}, {"return_state", true}});
  const Array x = random_array({3, 6}, 1), h = random_array({3, 4}, 2), c = random_array({3, 4}, 3);
  Array sequence(DType::Float32, {3, 1, 6});
  std::memcpy(sequence.raw(), x.raw(), static_cast<size_t>(x.bytes()));
  CallForm form;
  form.roles = {"", "1", "1"};
  cell->build({{6}, {4}, {4}}, form);
  const std::vector<Array> weights = trial_weights(*cell, {});
  const TrialResult step = try_layer(*cell, {x, h, c}, weights, {}, {.training = false, .form = form}),
                    whole =
                        try_layer(*layer, {sequence, h, c}, weights, {}, {.training = false, .form = with_states(2)});
  for (size_t i = 0; i < 3; ++i) EXPECT_TRUE(same(step.outputs[i], whole.outputs[i])) << i;
}

TEST(RecurrentLayer, RefusesWhatItWouldGetWrong) {
  EXPECT_NE(refusal("LSTM", {{"units", 4}, {"stateful", true}}).find("stateful must be false"), std::string::npos);
  EXPECT_NE(refusal("LSTM", {{"units", 0}}).find("[LSTM] units must be positive. Got 0."), std::string::npos);
  EXPECT_NE(refusal("LSTM", {{"units", 4}, {"activation", "softmax"}}).find("single values"), std::string::npos);
  EXPECT_NE(refusal("GRU", {{"units", 4}, {"dropout", 1.5}}).find("dropout must be in [0, 1)"), std::string::npos);
  EXPECT_NE(refusal("SimpleRNN", {{"units", 4}, {"reset_after", true}}).find("reset_after"), std::string::npos);
  EXPECT_NE(refusal("LSTM", {{"units", 4}}, {{4}}).find("(steps, features)"), std::string::npos);
  EXPECT_NE(refusal("LSTM", {{"units", 4}}, {{4, 3}, {4}}, with_states(1)).find("must be 2 tensor(s). Got 1."),
            std::string::npos);
  EXPECT_NE(refusal("GRU", {{"units", 4}}, {{4, 3}, {5}}, with_states(1)).find("must have the shape (4,). Got (5,)."),
            std::string::npos);
  EXPECT_NE(refusal("RNN", {{"cell", config_of(Spec("Dense", Config::object({{"units", 3}})))}}).find("recurrent cell"),
            std::string::npos);
  EXPECT_NE(refusal("Bidirectional", {{"layer", config_of(Spec("Dense", Config::object({{"units", 3}})))}})
                .find("recurrent layer"),
            std::string::npos);
}

}  // namespace
}  // namespace batchwise
