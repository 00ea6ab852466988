// A file with the optimizer's state of other weights trains on, from the beginning, and says so.
#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

struct Messages final : Callback {
  void on_message(const std::string& text) override { all.push_back(text); }
  std::vector<std::string> all;
};

// Frozen after compile, the file has the optimizer's variables of six weights, and the model trains four.
TEST(LeftOutState, OfOtherWeightsComesWithANoteAndTrainingBeginsAnew) {
  const Array x = Array::from(std::vector<float>(12, 0.5f), {4, 3}), y = Array::from(std::vector<float>(8), {4, 2});
  for (const char* name : {"frozen_later.keras", "frozen_later.h5"}) {
    const std::string path = BATCHWISE_SOURCE_DIR "/src/saving/testdata/" + std::string(name);
    Model model = Model::load(path);
    EXPECT_EQ(model.optimizer_state().iterations, 0);
    EXPECT_TRUE(model.optimizer_state().slots.empty());
    const auto messages = std::make_shared<Messages>();
    model.fit(x, y, {.callbacks = {messages}});
    ASSERT_EQ(messages->all.size(), 1u) << name;
    for (const char* part : {name, "Adam of this model has 10 variables. Got 14", "begins anew"})
      EXPECT_NE(messages->all[0].find(part), std::string::npos) << part << " in: " << messages->all[0];
    EXPECT_EQ(model.optimizer_state().iterations, 1);
    model.fit(x, y, {.callbacks = {messages}});  // said once
    EXPECT_EQ(messages->all.size(), 1u);

    Model other = Model::load(path);
    other.compile({.optimizer = "sgd", .loss = "mse"});  // asks for no state
    const auto none = std::make_shared<Messages>();
    other.fit(x, y, {.callbacks = {none}});
    EXPECT_TRUE(none->all.empty());
  }
}

}  // namespace
}  // namespace batchwise
