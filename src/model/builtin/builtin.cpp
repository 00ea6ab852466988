// The table of built-in models.
#include "model/builtin/builtin.h"

#include <stdexcept>

namespace batchwise {
namespace {

std::map<std::string, BuiltinModel>& table() {
  static std::map<std::string, BuiltinModel> models;
  return models;
}

}  // namespace

const std::map<std::string, BuiltinModel>& builtin_models() { return table(); }

RegisterBuiltin::RegisterBuiltin(const std::string& name, BuiltinModel model) {
  if (!table().emplace(name, std::move(model)).second) throw std::logic_error("registered twice: " + name);
}

const BuiltinModel& builtin_model(std::string_view name) {
  const auto found = table().find(std::string(name));
  if (found != table().end()) return found->second;
  std::vector<std::string> names;
  std::string list;
  for (const auto& [known, model] : table()) {
    names.push_back(known);
    list += (list.empty() ? "" : ", ") + known;
  }
  const std::string near = nearest_name(name, names);
  fail("model", "a model is a .keras file or one of ", list, ". Got \"", name, "\".",
       near.empty() ? "" : " Did you mean \"" + near + "\"?");
}

CompileOptions builtin_compile_options(bool sparse) {
  return {.optimizer = "adam",
          .loss = sparse ? "sparse_categorical_crossentropy" : "categorical_crossentropy",
          .metrics = {"accuracy"}};
}

LayerRef built(const std::string& class_name, std::initializer_list<Config::Entry> config, const std::string& name) {
  LayerRef layer = make_layer(Spec(class_name, Config::object(config)));
  return name.empty() ? layer : layer.named(name);
}

}  // namespace batchwise
