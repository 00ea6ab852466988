// Facts of model files: Keras's load, ours come back with every setting, and nothing is read approximately.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include <batchwise/layers.h>
#include <batchwise/losses.h>
#include <batchwise/model.h>
#include <batchwise/optimizers.h>

#include "formats/keras/keras_archive.h"
#include "formats/npz/npz.h"
#include "saving/class_names.h"
#include "saving/model_config.h"

namespace batchwise {
namespace {

const std::string kGolden = BATCHWISE_SOURCE_DIR "/tests/golden/";
std::string temporary(const std::string& name) {
  return (std::filesystem::path(::testing::TempDir()) / ("bw_saving_" + name)).string();
}

template <class F>
std::string message_of(F&& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Input) << error.what();
    return error.what();
  }
  return "accepted";
}

// Weights that differ everywhere, without drawing any.
void count_up(Model& model) {
  float next = 0;
  for (const auto& weight : model.weights()) {
    weight->value.resize(static_cast<size_t>(weight->spec.shape.count()));
    for (float& value : weight->value) value = 0.5f + 0.25f * std::sin(next += 1.0f);  // variances must be positive
  }
}

void expect_same_weights(const Model& a, const Model& b) {
  const auto wa = a.weights(), wb = b.weights();
  ASSERT_EQ(wa.size(), wb.size());
  for (size_t i = 0; i < wa.size(); ++i) {
    EXPECT_EQ(wa[i]->path, wb[i]->path);
    EXPECT_EQ(wa[i]->value, wb[i]->value) << wa[i]->path;
  }
}

TEST(Saving, NamesOfClassesComeBackFromTheFile) {
  Model model = Sequential({Input({4}), Dense({.units = 3})});
  model.initialize(1);
  const std::string path = temporary("classes.keras"), plain = temporary("plain.keras"), legacy = temporary("c.h5");
  const std::vector<std::string> names = {"Bees", "a \"quoted\", name", "café"};
  save_with_class_names(model, path, names);
  EXPECT_EQ(class_names_in(path), names);
  expect_same_weights(Model::load(path), model);
  model.save(plain);
  EXPECT_TRUE(class_names_in(plain).empty());
  EXPECT_NE(message_of([&] { save_with_class_names(model, legacy, names); }).find("Save to .keras"), std::string::npos);
}

Model branched() {
  const Symbol image = Input({8, 8, 3}, {"image"}), extra = Input({4}, {"extra"});
  const LayerRef shared = Dense({.units = 4, .activation = "tanh"}).named("shared");
  const Symbol x = Conv2D({.filters = 6, .kernel_size = {3, 3}, .padding = "same", .use_bias = false})(image);
  const Symbol y = ReLU()(BatchNormalization({.momentum = 0.9, .ghost = 2})(x));
  const Symbol z =
      GlobalAveragePooling2D()(Add()({Conv2D({.filters = 6, .kernel_size = {1, 1}}).named("b_first")(y),
                                      Conv2D({.filters = 6, .kernel_size = {1, 1}}).named("a_second")(y)}));
  const Symbol both = Concatenate()({Dropout({.rate = 0.25f})(z), shared(shared(extra))});
  return Model(
      {image, extra},
      {Dense({.units = 3, .activation = "softmax"}).named("digit")(both), Dense({.units = 1}).named("even")(both)},
      "branched");
}

TEST(Saving, NamesThatJsonCannotHoldAreRefusedBeforeAFileIsThere) {
  Model model = Sequential({Input({2}), Dense({.units = 2}).named("caf\xe9")});
  count_up(model);
  const std::string file = temporary("latin1.keras"), legacy = temporary("latin1.h5");
  for (const std::string& path : {file, legacy}) {
    std::filesystem::remove(path);
    EXPECT_NE(message_of([&] { model.save(path); }).find("must be UTF-8"), std::string::npos) << path;
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  Model plain = Sequential({Input({2}), Dense({.units = 2})});
  count_up(plain);
  EXPECT_NE(message_of([&] {
              save_with_class_names(plain, file, {"tea", "caf\xe9"});
            }).find("must be UTF-8"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(Saving, KerassSequentialFilesLoadWithTheirWeights) {
  for (const std::string name : {"mlp_a", "mlp_b", "mlp_l2", "mlp_logits", "mlp_small", "cnn", "cnn_bn", "two_out"}) {
    const Model model = Model::load(kGolden + "fit/" + name + ".keras");
    EXPECT_EQ(model.name(), name);
    EXPECT_TRUE(model.initialized()) << name;
    EXPECT_FALSE(model.compiled()) << name;
    EXPECT_EQ(model.is_sequential(), name != "two_out");
  }
}

TEST(Saving, WeightsComeInKerassOrderWithKerassShapes) {
  // The arrays of the archive that NumPy wrote from model.weights after training: same shapes, in this order.
  for (const std::string name : {"mlp_a-adam-128-cat", "cnn-adam-128-cat", "bn-adam-128"}) {
    const Model model = Model::load(kGolden + "fit/" +
                                    (name[0] == 'm'   ? "mlp_a"
                                     : name[0] == 'c' ? "cnn"
                                                      : "cnn_bn") +
                                    ".keras");
    const NpzReader final_weights(kGolden + "fit/final-" + name + ".npz");
    const auto weights = model.weights();
    ASSERT_EQ(weights.size(), final_weights.members().size());
    for (size_t i = 0; i < weights.size(); ++i)
      EXPECT_EQ(weights[i]->spec.shape, final_weights.at("w" + std::to_string(i)).header.shape) << name << " " << i;
  }
}

TEST(Saving, FunctionalFilesOfFourVersionsGiveTheSameModel) {
  const Model first = Model::load(kGolden + "keras-files/min_nested.keras");
  ASSERT_TRUE(first.compiled());
  EXPECT_EQ(first.compiled()->optimizer.class_name, "Adam");
  EXPECT_EQ(first.compiled()->loss, Spec("sparse_categorical_crossentropy"));
  EXPECT_EQ(first.compiled()->metrics, std::vector<Spec>{"accuracy"});
  EXPECT_GE(first.optimizer_state().iterations, 1);
  EXPECT_EQ(first.optimizer_state().slots.size(), 16u);
  EXPECT_EQ(first.optimizer_state().slots[0].first, "conv2d_kernel_momentum");
  EXPECT_EQ(first.optimizer_state().slots[1].first, "conv2d_kernel_velocity");
  for (const char* name : {"min_flat", "min_modkeras", "func_keras", "func_keras392"}) {
    const Model other = Model::load(kGolden + "keras-files/" + name + ".keras");
    EXPECT_EQ(model_config(other), model_config(first)) << name;
    EXPECT_EQ(other.optimizer_state().slots.size(), 16u) << name;
  }
}

TEST(Saving, AModelWithBranchesSharedLayersAndAllSettingsComesBack) {
  Model model = branched();
  count_up(model);
  model.layer("shared")->set_trainable(false);
  model.save(temporary("branched.keras"));
  const Model back = Model::load(temporary("branched.keras"));
  EXPECT_EQ(model_config(back), model_config(model));
  EXPECT_EQ(back.name(), "branched");
  EXPECT_EQ(back.input_names(), (std::vector<std::string>{"image", "extra"}));
  EXPECT_EQ(back.output_names(), (std::vector<std::string>{"digit", "even"}));
  EXPECT_FALSE(back.layer("shared")->trainable());
  EXPECT_EQ(back.layer("batch_normalization")->samples_together(), 2);
  expect_same_weights(back, model);
}

// A model inside two models that are both inside a third.
Model tied() {
  const Symbol x = Input({3});
  const LayerRef shared(Model(x, Dense({.units = 3}).named("dense")(x), "shared"));
  const Symbol a = Input({3}), b = Input({3}), in = Input({3});
  const LayerRef first(Model(a, shared(a), "first")), second(Model(b, shared(b), "second"));
  return Model(in, Add()({first(in), second(in)}), "outer");
}

TEST(Saving, AModelInsideSeveralModelsStaysOne) {
  Model model = tied();
  count_up(model);
  ASSERT_EQ(model.weights().size(), 2u);
  const std::string path = temporary("tied.keras");
  model.save(path);
  expect_same_weights(Model::load(path), model);
  expect_same_weights(model.copy(), model);
}

TEST(Saving, WhatKerasDoesNotKnowIsKeptOutOfConfigJson) {
  Model model = branched();
  count_up(model);
  model.save(temporary("ghost.keras"));
  const KerasArchiveReader archive(temporary("ghost.keras"));
  const std::string config = archive.config().text();
  for (const char* key :
       {"ghost", "optional", "sparse", "ragged", "quantization_config", "input_axes", "renorm", "shared_object_id"})
    EXPECT_EQ(config.find(key), std::string::npos) << key;
  EXPECT_EQ(archive.metadata().at("batchwise").at("layers").at("batch_normalization").at("ghost_batch_size").as_int(),
            2);
  EXPECT_EQ(archive.config().at("config").at("output_layers").text(), R"([["digit", 0, 0], ["even", 0, 0]])");
  EXPECT_EQ(archive.config().at("registered_name").as_string(), "Functional");
}

TEST(Saving, OptimizersStateAndCompileSettingsComeBack) {
  Model model = Model::load(kGolden + "keras-files/func_keras.keras");
  model.optimizer_state().learning_rate = 0.0625;  // as a callback may have set it
  const OptimizerState before = model.optimizer_state();
  model.save(temporary("state.keras"));
  const Model back = Model::load(temporary("state.keras"));
  EXPECT_EQ(back.optimizer_state().iterations, before.iterations);
  EXPECT_EQ(back.optimizer_state().learning_rate, 0.0625);
  EXPECT_EQ(back.optimizer_state().slots, before.slots);
  EXPECT_EQ(back.compiled()->optimizer.config.at("learning_rate").as_number(), 0.0625);
  EXPECT_EQ(back.compiled()->optimizer.config.at("beta_2").as_number(), 0.999);
  EXPECT_EQ(back.compiled()->loss, model.compiled()->loss);
  expect_same_weights(back, model);
}

// A file like one of Keras's, with its config changed.
template <class Change>
std::string load_changed(const std::string& name, Change change) {
  const KerasArchiveReader archive(kGolden + name);
  const Model model = Model::load(kGolden + name);
  Config config = archive.config();
  change(config);
  KerasArchiveWriter writer(temporary("changed.keras"), archive.metadata(), config, 0);
  const auto zip = ZipReader(kGolden + name);
  for (const auto& layer : model.layers())
    for (size_t i = 0; i < layer->weights().size(); ++i) {
      const std::string path = std::string("layers/") +
                               (layer->class_name() == "Conv2D"               ? "conv2d"
                                : layer->class_name() == "BatchNormalization" ? "batch_normalization"
                                                                              : "dense") +
                               (layer->name().ends_with("_1") ? "_1" : "") + "/vars/" + std::to_string(i);
      writer.weights().floats(path, layer->weights()[i]->spec.shape, layer->weights()[i]->value);
    }
  writer.commit();
  return message_of([] { Model::load(temporary("changed.keras")); });
}

Config& entry(Config& value, std::string_view key) {
  for (auto& [name, item] : value.as_object())
    if (name == key) return item;
  throw std::out_of_range(std::string(key));
}

std::string with_layer(size_t index, const std::function<void(Config&)>& change) {
  return load_changed("keras-files/min_nested.keras", [&](Config& config) {
    config.erase("compile_config");
    Config& layers = entry(entry(config, "config"), "layers");
    Config::List list = layers.as_list();
    change(list.at(index));
    layers = Config(list);
  });
}

TEST(Saving, WhatWouldNotBeReadExactlyIsRefusedByLayerKeyAndValue) {
  EXPECT_EQ(with_layer(1, [](Config&) {}), "accepted");
  EXPECT_EQ(with_layer(8, [](Config& l) { entry(l, "config").set("quantization_config", Config()); }), "accepted");
  EXPECT_EQ(with_layer(2, [](Config& l) { entry(l, "config").set("renorm_momentum", 0.99); }), "accepted");
  EXPECT_EQ(with_layer(0, [](Config& l) { entry(l, "config").set("optional", false); }), "accepted");
  const auto refused = [](const std::string& message, std::initializer_list<const char*> parts) {
    for (const char* part : parts) EXPECT_NE(message.find(part), std::string::npos) << part << " in: " << message;
  };
  refused(with_layer(8,
                     [](Config& l) {
                       entry(l, "config").set("quantization_config", Config::object({{"mode", "int8"}}));
                     }),
          {"layer \"probs\"", "quantization_config", "int8"});
  refused(with_layer(8, [](Config& l) { entry(l, "config").set("units", "ten"); }),
          {"layer \"probs\"", "units", "\"ten\""});
  refused(with_layer(8, [](Config& l) { entry(l, "config").set("unitz", 3); }), {"layer \"probs\"", "unitz"});
  refused(with_layer(0, [](Config& l) { entry(l, "config").set("sparse", true); }),
          {"layer \"img\"", "sparse", "true"});
  refused(with_layer(2, [](Config& l) { entry(l, "config").set("trainable", "yes"); }),
          {"layer \"batch_normalization\"", "trainable", "\"yes\""});
  for (const char* policy : {"bfloat16", "mixed_float16", "float64"})
    refused(with_layer(3, [&](Config& l) { entry(l, "config").set("dtype", policy); }),
            {"layer \"conv2d_1\"", "dtype", policy});
  refused(with_layer(3, [](Config& l) { l.set("class_name", "Lambda"); }),
          {"layer \"conv2d_1\"", "never loaded", "Lambda"});
  refused(with_layer(3, [](Config& l) { l.set("class_name", "Sequential"); }),
          {"layer \"conv2d_1\"", "list of layers"});
  refused(with_layer(3, [](Config& l) { l.set("class_name", "Conv2DD"); }),
          {"layer \"conv2d_1\"", "\"Conv2DD\"", "Did you mean \"Conv2D\"?"});
  refused(with_layer(4, [](Config& l) { l.set("module", "keras.src.ops.nonsense"); }),
          {"layer \"add\"", "\"ops.nonsense.Add\""});
  refused(with_layer(1, [](Config& l) { l.set("config", Config(3)); }),
          {"layer \"conv2d\"", "must have a config. Got 3"});
}

TEST(Saving, BrokenGraphsAreRefused) {
  const auto with_inbound = [](const std::string& from, int64_t call, Config kwargs = Config(Config::Object{})) {
    return with_layer(3, [&](Config& l) {
      const Config tensor =
          Config::object({{"class_name", "__keras_tensor__"},
                          {"config", Config::object({{"keras_history", Config::List{from, call, 0}}})}});
      l.set("inbound_nodes", Config::List{Config::object({{"args", Config::List{tensor}}, {"kwargs", kwargs}})});
    });
  };
  EXPECT_EQ(with_inbound("batch_normalization", 0), "accepted");
  EXPECT_EQ(with_inbound("batch_normalization", 0, Config::object({{"mask", Config()}, {"training", false}})),
            "accepted");
  // Keras's fit and predict override what a call states.
  EXPECT_EQ(with_inbound("batch_normalization", 0, Config::object({{"training", true}})), "accepted");
  EXPECT_NE(with_inbound("batch_normalization", 0, Config::object({{"initial_state", 1}})).find("initial_state = 1"),
            std::string::npos);
  EXPECT_NE(with_inbound("nobody", 0).find("\"nobody\""), std::string::npos);
  EXPECT_NE(with_inbound("batch_normalization", 1).find("call 1"), std::string::npos);
  EXPECT_NE(with_inbound("batch_normalization", -1).find("call -1"), std::string::npos);
  EXPECT_NE(with_inbound("add", 0).find("circle. Got one that \""), std::string::npos);
  EXPECT_NE(with_layer(3, [](Config& l) { entry(l, "config").set("name", "conv2d"); }).find("twice"),
            std::string::npos);
}

TEST(Saving, NothingIsReservedOnAFilesWordAlone) {
  const auto huge = [](const char* units) {
    return with_layer(8, [&](Config& l) { entry(l, "config").set("units", Config(int64_t{std::stoll(units)})); });
  };
  EXPECT_NE(huge("1000000000000").find("shape"), std::string::npos);
  EXPECT_NE(huge("9000000000000000000"), "accepted");
}

TEST(Saving, AMissingFileIsRefused) {
  EXPECT_NE(message_of([] { Model::load("/missing.keras"); }), "accepted");
}

TEST(Saving, WeightsAloneComeBackAndOnlyIntoTheirModel) {
  Model model = branched(), other = branched();
  count_up(model);
  model.save_weights(temporary("a.weights.h5"));
  other.load_weights(temporary("a.weights.h5"));
  expect_same_weights(other, model);

  Model smaller = Sequential({Input({4}), Dense({.units = 4})});
  EXPECT_NE(message_of([&] { smaller.load_weights(temporary("a.weights.h5")); }), "accepted");
  EXPECT_FALSE(smaller.initialized());
  EXPECT_NE(message_of([&] { model.save_weights(temporary("a.h5")); }).find(".weights.h5"), std::string::npos);
}

TEST(Saving, FilesNameWeightsAsTheirModelDoesWhateverElseItsLayersStandIn) {
  const auto branch = [](const char* name) { return Sequential({Input({4}), Dense({.units = 3})}, name); };
  const auto both = [](const Model& a, const Model& b) {
    const Symbol x = Input({4});
    return Model(x, Add()({LayerRef(a)(x), LayerRef(b)(x)}), "both");
  };
  const Model a = branch("a"), b = branch("b");
  Model model = both(a, b);
  model.initialize(1);
  const auto written = [&] {
    std::vector<std::string> files;
    for (const char* name : {"named.safetensors", "named.onnx", "named.h5"}) {
      const std::string path = temporary(name);
      if (path.ends_with(".onnx")) model.save_onnx(path);
      else if (path.ends_with(".h5")) model.save(path);
      else model.save_weights(path);
      std::ifstream file(path, std::ios::binary);
      files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return files;
  };
  const std::vector<std::string> before = written();
  EXPECT_NE(before[0].find("a/dense/kernel"), std::string::npos);
  const Model other(a.inputs(), a.outputs()), another(b.inputs(), b.outputs());
  EXPECT_TRUE(written() == before);
  Model same = both(branch("a"), branch("b"));
  same.load_weights(temporary("named.safetensors"));
  expect_same_weights(same, model);
}

TEST(Saving, AModelWithoutValuesOrWithAnotherEndingIsNotSaved) {
  Model model = branched();
  EXPECT_NE(message_of([&] { model.save(temporary("no.keras")); }).find("must have values"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(temporary("no.keras")));
  count_up(model);
  EXPECT_NE(message_of([&] { model.save(temporary("no.onnx")); }).find("must end in .keras"), std::string::npos);
  EXPECT_NE(message_of([&] { model.save(temporary("no.weights.h5")); }).find("save_weights"), std::string::npos);
}

}  // namespace
}  // namespace batchwise
