// Facts of ONNX export: what can be said is written, what cannot is refused by name. Values are compared in
// tests/parity.
#include "saving/onnx/onnx_export.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include <batchwise/layers.h>

#include "formats/protobuf/fields.h"
#include "saving/onnx/onnx_rules.h"

namespace batchwise {
namespace {

const std::string kPath = (std::filesystem::path(::testing::TempDir()) / "bw_test.onnx").string();

std::string message_of(const Model& model) {
  try {
    write_onnx(model, kPath);
    return "accepted";
  } catch (const Error& error) { return error.what(); }
}

Model initialized(Model model) {
  model.initialize(1);
  return model;
}

// Types of the graph's nodes in order.
std::vector<std::string> node_types() {
  std::stringstream bytes;
  bytes << std::ifstream(kPath, std::ios::binary).rdbuf();
  const std::string file = bytes.str();
  std::vector<std::string> types;
  WireField field, part, inner;
  for (WireFields fields(file, kPath); fields.next(&field);) {
    if (field.number != 7) continue;
    for (WireFields parts(field.bytes, kPath); parts.next(&part);) {
      if (part.number != 1) continue;
      for (WireFields node(part.bytes, kPath); node.next(&inner);)
        if (inner.number == 4) types.emplace_back(inner.bytes);
    }
  }
  return types;
}

TEST(OnnxExport, LayersBecomeOperatorsInTheOrderOfCalls) {
  const Model model = initialized(Sequential({Input({4}), Dense({.units = 3, .activation = "relu"}),
                                              Dropout({.rate = 0.5f}), Dense({.units = 2, .use_bias = false})}));
  ASSERT_EQ(message_of(model), "accepted");
  EXPECT_EQ(node_types(), (std::vector<std::string>{"MatMul", "Add", "Relu", "MatMul", "Identity"}));
}

TEST(OnnxExport, ImagesAreTurnedAroundConvolutions) {
  const Model model = initialized(Sequential({Input({8, 8, 3}), Conv2D({.filters = 4, .kernel_size = {3, 3}}),
                                              BatchNormalization(), GlobalAveragePooling2D()}));
  ASSERT_EQ(message_of(model), "accepted");
  EXPECT_EQ(node_types(),
            (std::vector<std::string>{"Transpose", "Conv", "Transpose", "Mul", "Add", "ReduceMean", "Identity"}));
}

TEST(OnnxExport, AttentionIsSaidWithTheAxesThatKerasWritesAndLaterStepsAreHidden) {
  const auto attention = [](bool causal) {
    const Symbol x = Input({5, 6});
    const Config config =
        Config::object({{"num_heads", 2}, {"key_dim", 3}, {"attention_axes", Config(Config::List{1})}});
    CallForm form;
    form.roles = {"", "1"};
    form.arguments.set("use_causal_mask", causal);
    return initialized(Model(x, make_layer({"MultiHeadAttention", config})({x, x}, form)));
  };
  ASSERT_EQ(message_of(attention(false)), "accepted");
  const std::vector<std::string> plain = node_types();
  EXPECT_EQ(std::count(plain.begin(), plain.end(), "Softmax"), 1);
  ASSERT_EQ(message_of(attention(true)), "accepted");
  EXPECT_EQ(node_types().size(), plain.size() + 1);
}

TEST(OnnxExport, WhatOperatorsCannotSayIsRefusedByName) {
  const Model strange =
      initialized(Sequential({Input({4}), Dense({.units = 3, .activation = "sparsemax"}).named("odd")}));
  EXPECT_NE(message_of(strange).find("layer \"odd\"] the activation"), std::string::npos) << message_of(strange);
  const auto expect_refused = [](const Model& model, const char* why) {
    EXPECT_NE(message_of(initialized(model)).find(why), std::string::npos) << message_of(model);
  };
  const Symbol x = Input({5, 6});
  const auto attention = [&](const char* key, const Config& value) {
    CallForm form;
    form.roles = {"", "1"};
    return Model(x, make_layer({"MultiHeadAttention",
                                Config::object({{"num_heads", 2}, {"key_dim", 3}, {key, value}})})({x, x}, form));
  };
  expect_refused(attention("use_gate", true), "gates cannot");
  expect_refused(attention("sliding_window", 2), "sliding windows cannot");
  expect_refused(attention("output_shape", Config::List{2, 3}), "one axis of features");
  expect_refused(Model(x, make_layer({"LayerNormalization", Config::object({{"rms_scaling", true}})})(x)),
                 "rms_scaling cannot");
  CallForm drops;
  drops.training = true;
  expect_refused(Model(x, Dropout(0.5)({x}, drops)), "training=true");
  const LayerRef backwards = LSTM({.units = 2, .return_sequences = true, .go_backwards = true});
  expect_refused(
      Model(x, Bidirectional(backwards, {.backward_layer = LSTM({.units = 2, .return_sequences = true})})(x)),
      "go_backwards and return_sequences");
}

}  // namespace
}  // namespace batchwise
