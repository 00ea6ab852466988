// Facts of what a call may state in files: keywords, constants, several outputs, operations, models inside models.
#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include <batchwise/layers.h>
#include <batchwise/model.h>
#include <batchwise/optimizers.h>

#include "formats/keras/keras_archive.h"
#include "model/model_layer.h"
#include "saving/model_config.h"

namespace batchwise {
namespace {

std::string temporary(const std::string& name) {
  return (std::filesystem::path(::testing::TempDir()) / ("bw_calls_" + name)).string();
}

// Two outputs, a state as a keyword, a constant, weights in a cell and in a part.
class Recurrent final : public Layer {
 public:
  explicit Recurrent(const Config&) : part_(make_layer({"Dense", Config::object({{"units", 2}})}).layer()) {}
  std::string_view class_name() const override { return "TestRecurrent"; }
  Config config() const override { return Config(Config::Object{}); }
  Shapes output_shapes(const Shapes& inputs) const override { return {inputs[0], Shape{3}}; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    for (const auto& [name, value] : form.arguments.as_object())
      require(name == "use_causal_mask", class_name(), "the layer has no argument ", name, ".");
    return output_shapes(inputs);
  }
  std::vector<VariableSpec> variables(const Shapes&) const override {
    return {{"cell/kernel", {2, 3}}, {"cell/count", {3}, "Zeros", false}, {"scale", {4}}};
  }
  std::vector<Part> parts() const override { return {{"forward_layer", part_}}; }
  void build_parts(const Shapes& inputs, const CallForm&) override { part_->build({inputs[0]}); }
  std::vector<Value> lower(Lowering&, std::span<const Value> inputs) const override { return {inputs[0], inputs[0]}; }

 private:
  std::shared_ptr<Layer> part_;
};

// An operation on tensors: 1 - x has a constant first.
class Subtract final : public Layer {
 public:
  explicit Subtract(const Config& config) : axis_(config.get("axis", 0)) {}
  std::string_view class_name() const override { return "ops.test.Subtract"; }
  Config config() const override { return Config::object({{"axis", axis_}}); }
  Shapes output_shapes(const Shapes& inputs) const override { return {inputs[0]}; }
  Shapes call_shapes(const Shapes& inputs, const CallForm&) const override { return output_shapes(inputs); }
  std::vector<Value> lower(Lowering&, std::span<const Value> inputs) const override { return {inputs[0]}; }

 private:
  int64_t axis_;
};

const RegisterLayer<Recurrent> recurrent{"TestRecurrent"};
const RegisterLayer<Subtract> subtract{"ops.test.Subtract"};

void count_up(const Model& model) {
  float next = 0;
  for (const auto& weight : model.weights()) {
    weight->value.resize(static_cast<size_t>(weight->spec.shape.count()));
    for (float& value : weight->value) value = 0.5f + 0.25f * std::sin(next += 1.0f);
  }
}

Model saved_and_loaded(const Model& model, const std::string& name) {
  count_up(model);
  model.save(temporary(name));
  const Model back = Model::load(temporary(name));
  EXPECT_EQ(model_config(back), model_config(model));
  const auto a = model.weights(), b = back.weights();
  EXPECT_EQ(a.size(), b.size());
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    EXPECT_EQ(a[i]->path, b[i]->path);
    EXPECT_EQ(a[i]->value, b[i]->value) << a[i]->path;
  }
  return back;
}

Model with_calls() {
  const Symbol x = Input({4}, {"x"}), y = Input({4}, {"y"});
  CallForm form;
  form.roles = {"", "initial_state", "initial_state"};
  form.arguments.set("use_causal_mask", true);
  const LayerRef layer = make_layer("TestRecurrent").named("rnn");
  const std::vector<Symbol> first = layer.outputs({x});
  const std::vector<Symbol> second = layer.outputs({y, first[0], first[1]}, form);
  CallForm constant;
  constant.roles = {"1"};
  constant.arguments.set("0", 1.0);
  const LayerRef op = make_layer({"ops.test.Subtract", Config::object({{"axis", 2}})}).named("minus");
  const Symbol minus = op({second[0]}, constant);
  CallForm frozen;
  frozen.training = false;
  return Model({x, y}, {second[1], Dropout({.rate = 0.5f}).named("drop")({minus}, frozen)}, "calls");
}

TEST(Calls, KeywordsConstantsOutputsAndTrainingComeBack) {
  const Model back = saved_and_loaded(with_calls(), "calls.keras");
  ASSERT_EQ(back.outputs().size(), 2u);
  EXPECT_EQ(back.outputs()[0].output(), 1);
  const GraphNode& call = *back.outputs()[0].node();
  EXPECT_EQ(call.form.roles, (std::vector<std::string>{"", "initial_state", "initial_state"}));
  EXPECT_EQ(call.form.arguments, Config::object({{"use_causal_mask", true}}));
  EXPECT_EQ(call.inputs[2].output(), 1);
  EXPECT_EQ(back.outputs()[1].node()->form.training, false);
  const GraphNode& minus = *back.outputs()[1].node()->inputs[0].node();
  EXPECT_EQ(minus.form.roles, (std::vector<std::string>{"1"}));
  EXPECT_EQ(minus.form.arguments, Config::object({{"0", 1.0}}));
}

TEST(Calls, FilesStateThemAsKerasDoes) {
  const Model model = with_calls();
  const Config config = model_config(model);
  const auto layer = [&](const std::string& name) -> Config {
    for (const Config& entry : config.at("config").at("layers").as_list())
      if (entry.at("name") == Config(name)) return entry;
    return {};
  };
  EXPECT_EQ(layer("minus").at("module"), Config("keras.src.ops.test"));
  EXPECT_EQ(layer("minus").at("class_name"), Config("Subtract"));
  EXPECT_EQ(layer("minus").at("registered_name"), Config("Subtract"));
  EXPECT_EQ(layer("minus").at("config"), Config::object({{"name", "minus"}, {"axis", 2}}));
  const Config minus = layer("minus").at("inbound_nodes").as_list()[0];
  EXPECT_EQ(minus.at("args").as_list()[0], Config(1.0));
  EXPECT_EQ(minus.at("args").as_list()[1].at("class_name"), Config("__keras_tensor__"));
  const Config call = layer("rnn").at("inbound_nodes").as_list()[1];
  EXPECT_EQ(call.at("args").as_list().size(), 1u);
  EXPECT_EQ(call.at("kwargs").at("use_causal_mask"), Config(true));
  EXPECT_EQ(call.at("kwargs").at("initial_state").as_list().size(), 2u);
  EXPECT_EQ(layer("drop").at("inbound_nodes").as_list()[0].at("kwargs").at("training"), Config(false));
}

// What Keras's own layers take, and how it calls them, where that is not as everywhere.
TEST(Calls, LayersAreWrittenAsTheirKerasClassesTakeThem) {
  const auto written = [](const char* class_name, Config::Object arguments, const Shape& shape) {
    const Symbol input = Input(shape);
    const LayerRef layer = make_layer({class_name, Config(std::move(arguments))});
    return model_config(Model(input, layer(input))).at("config").at("layers").as_list()[1].at("config");
  };
  EXPECT_FALSE(written("SpatialDropout1D", {{"rate", 0.5}}, {4, 3}).find("trainable"));
  EXPECT_FALSE(written("Discretization", {{"bin_boundaries", Config::List{0.0, 1.0}}}, {3}).find("trainable"));
  EXPECT_TRUE(written("Dropout", {{"rate", 0.5}}, {4, 3}).find("trainable"));
  EXPECT_EQ(written("Hashing", {{"num_bins", 7}}, {3}).at("dtype"), Config("int64"));
  const Config dense = written("Dense", {{"units", 2}, {"kernel_initializer", "orthogonal"}}, {3});
  EXPECT_EQ(dense.at("kernel_initializer").at("class_name"), Config("OrthogonalInitializer"));
}

// Keras's class asks for arguments that its function leaves out, and for lists.
TEST(Calls, OperationsAreCalledAsKerasLoadsThem) {
  const auto written = [](const char* class_name, const std::vector<Symbol>& inputs, const CallForm& form) {
    const LayerRef layer = make_layer({class_name, Config(Config::Object{})});
    const Config layers = model_config(Model(inputs, {layer(inputs, form)})).at("config").at("layers");
    return layers.as_list().back().at("inbound_nodes").as_list()[0];
  };
  const Symbol x = Input({4}, {"x"}), y = Input({4}, {"y"});
  const Config norm = written("ops.nn.LayerNorm", {x}, {});
  EXPECT_EQ(norm.at("args").as_list().size(), 1u);
  EXPECT_EQ(norm.at("kwargs"), Config::object({{"gamma", Config()}, {"beta", Config()}}));
  CallForm form;
  form.roles = {"", "1"};
  const Config select = written("ops.numpy.Select", {x, y}, form);
  EXPECT_TRUE(select.at("args").as_list()[0].is_list());
  EXPECT_TRUE(select.at("args").as_list()[1].is_list());
}

TEST(Calls, WeightsOfPartsLieAtTheirPaths) {
  saved_and_loaded(with_calls(), "paths.keras");
  const Hdf5Reader weights = KerasArchiveReader(temporary("paths.keras")).weights(0);
  EXPECT_EQ(weights.shape_of("layers/test_recurrent/vars/0"), Shape{4});
  EXPECT_EQ(weights.shape_of("layers/test_recurrent/cell/vars/0"), (Shape{2, 3}));
  EXPECT_EQ(weights.shape_of("layers/test_recurrent/cell/vars/1"), Shape{3});
  EXPECT_EQ(weights.shape_of("layers/test_recurrent/forward_layer/vars/0"), (Shape{4, 2}));
  EXPECT_FALSE(weights.has("layers/subtract"));
}

TEST(Calls, ModelsInsideModelsComeBackWithTheirSettings) {
  const Symbol in = Input({4});
  const Model inner({in}, {Dense({.units = 4}).named("a")(in), Dense({.units = 3}).named("b")(in)}, "inner");
  const Model chain = Sequential(
      {Input({4}), Dense({.units = 4}), BatchNormalization({.momentum = 0.9, .ghost = 2}).named("bn")}, "chain");
  const Symbol x = Input({4}, {"x"});
  const LayerRef base(inner), tail(chain);
  const Symbol once = base.outputs({x})[0];
  const std::vector<Symbol> twice = base.outputs({once});
  tail.layer()->set_trainable(false);
  const Model back = saved_and_loaded(Model({x}, {tail(twice[0]), twice[1]}, "outer"), "nested.keras");
  EXPECT_FALSE(back.layer("chain")->trainable());
  EXPECT_TRUE(back.layer("inner")->trainable());
  const auto* again = dynamic_cast<const ModelLayer*>(back.layer("chain").get());
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->model().layer("bn")->samples_together(), 2);
  const Config config = KerasArchiveReader(temporary("nested.keras")).config().at("config");
  // Keras counts the calls of a Functional from 1 here.
  EXPECT_EQ(config.at("output_layers").text(), R"([["chain", 0, 0], ["inner", 2, 1]])");
}

TEST(Calls, EveryTensorOfTheFirstArgumentHasItsMask) {
  const Symbol query = Input({4, 3}, {"q"}), value = Input({5, 3}, {"v"});
  const Symbol of_query = Input({4}, {.name = "qm", .dtype = DType::Bool});
  const Symbol of_value = Input({5}, {.name = "vm", .dtype = DType::Bool});
  const auto attention = [](const std::vector<Symbol>& tensors, const std::vector<std::string>& roles) {
    CallForm form;
    form.roles = roles;
    return make_layer("Attention")(tensors, form);
  };
  const std::vector<Symbol> inputs{query, value, of_query, of_value};
  const std::vector<std::string> roles{"", "", "mask", "mask"};
  const Model back = saved_and_loaded(Model(inputs, {attention(inputs, roles)}, "masks"), "masks.keras");
  EXPECT_EQ(back.outputs()[0].node()->form.roles, roles);
  // A key has no mask of its own.
  EXPECT_NO_THROW(attention({query, value, value, of_query, of_value}, {"", "", "", "mask", "mask"}));
  std::string refusal;
  try {
    attention({query, value, of_query}, {"", "", "mask"});
  } catch (const Error& error) { refusal = error.what(); }
  EXPECT_EQ(
      refusal,
      "[Attention] a call must state one mask for each tensor of its first argument, or none. Got 1 for 2. A mask "
      "that is true everywhere leaves nothing out.");
}

TEST(Calls, ALayerOfSeveralModelsStaysOne) {
  const LayerRef shared = Dense({.units = 4}).named("shared");
  const Symbol in = Input({4});
  const Model inner({in}, {shared(in)}, "inner");
  const Symbol x = Input({4}, {"x"});
  const Model outer({x}, {shared(LayerRef(inner)(x))}, "outer");
  EXPECT_EQ(outer.weights().size(), 2u);
  const Model back = saved_and_loaded(outer, "shared.keras");
  EXPECT_EQ(back.weights().size(), 2u);
  const auto* again = dynamic_cast<const ModelLayer*>(back.layer("inner").get());
  EXPECT_EQ(again->model().layer("shared"), back.layer("shared"));
}

}  // namespace
}  // namespace batchwise
