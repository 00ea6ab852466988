// Calls in files, both ways: arguments by position and by keyword, tensors and constants.
#include "saving/file_call.h"

#include <algorithm>
#include <cctype>
#include <map>

#include <batchwise/error.h>

#include "base/known_keys.h"
#include "saving/nesting.h"

namespace batchwise {
namespace {

bool is_tensor(const Config& value) {
  const Config* class_name = value.find("class_name");
  return class_name && *class_name == Config("__keras_tensor__");
}

// [layer, call, output], in Keras 2 with keywords behind.
bool is_history(const Config& value) {
  return value.is_list() && value.as_list().size() >= 3 && value.as_list()[0].is_string() &&
         value.as_list()[1].is_int() && value.as_list()[2].is_int();
}

TensorName tensor_name(const Config& value, const std::string& where) {
  require(is_history(value), where, "a tensor must be [layer, call, output]. Got ", value.text().substr(0, 100), ".");
  return {value.as_list()[0].as_string(), value.as_list()[1].as_int(), value.as_list()[2].as_int()};
}

// Null, also for each of several: the masks that a model was called without.
bool says_nothing(const Config& value) {
  const auto nothing = [](const Config& item) { return says_nothing(item); };
  if (value.is_list())
    return !value.as_list().empty() && std::all_of(value.as_list().begin(), value.as_list().end(), nothing);
  if (value.is_object())
    return !value.as_object().empty() && std::all_of(value.as_object().begin(), value.as_object().end(),
                                                     [](const auto& entry) { return says_nothing(entry.second); });
  return value.is_null();
}

class CallReader {
 public:
  explicit CallReader(const std::string& where) : where_(where) {}

  // One argument: a tensor, a list of tensors, or a constant. Null stands for an argument that was left out.
  void argument(const std::string& role, const Config& value, bool histories = false) {
    const auto tensor = [&](const Config& item) { return histories ? is_history(item) : is_tensor(item); };
    if (says_nothing(value)) return;
    if (holds_one(value, tensor)) {
      const Nesting nesting = read_nesting(value, tensor, where_);
      require(role.empty() || nesting.structure.is_null(), where_,
              "only the first argument of a call may hold names of tensors. Got ", value.text().substr(0, 100), ".");
      if (role.empty()) call_.structure = nesting.structure;
      for (const Config& item : nesting.flat) add(role, item, histories);
    } else {
      call_.form.arguments.set(role.empty() ? "0" : role, value);
    }
  }

  void keywords(const Config::Object& kwargs, bool histories) {
    std::map<std::string, const Config*> sorted;
    for (const auto& [name, value] : kwargs)
      if (name != "training") sorted[name] = &value;
    // The first argument may have been given by its name, which differs between layers.
    if (call_.tensors.empty() && call_.form.arguments.as_object().empty())
      for (const char* first : {"inputs", "input", "sequences", "sequence", "query", "x", "x1"}) {
        const auto it = sorted.find(first);
        if (it == sorted.end()) continue;
        argument("", *it->second, histories);
        sorted.erase(it);
        break;
      }
    for (const auto& [name, value] : sorted) {
      const bool digits = std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
      require(!digits, where_, "keywords must be names. Got \"", name, "\".");
      argument(name, *value, histories);
    }
  }

  FileCall finish() {
    require(!call_.tensors.empty(), where_, "a layer must be called on at least one tensor. Got none.");
    const auto& roles = call_.form.roles;
    if (std::all_of(roles.begin(), roles.end(), [](const std::string& role) { return role.empty(); }))
      call_.form.roles.clear();
    return std::move(call_);
  }

 private:
  void add(const std::string& role, const Config& value, bool histories) {
    const Config* config = histories ? nullptr : value.find("config");
    const Config* history = config ? config->find("keras_history") : nullptr;
    require(histories || history, where_, "a tensor must state its keras_history. Got ", value.text().substr(0, 100),
            ".");
    call_.tensors.push_back(tensor_name(histories ? value : *history, where_));
    call_.form.roles.push_back(role);
  }

  const std::string& where_;
  FileCall call_;
};

// Keras 2: [["a", 0, 0, {}], ["b", 0, 0, {}]]; the keywords stand behind the first tensor.
FileCall read_old_call(const Config& value, const std::string& where) {
  CallReader reader(where);
  const bool alone = is_history(value);
  const Config::List tensors = alone ? Config::List{value} : value.as_list();
  reader.argument("", Config(tensors), true);
  for (const Config& tensor : tensors)
    if (is_history(tensor) && tensor.as_list().size() > 3) reader.keywords(tensor.as_list()[3].as_object(where), true);
  return reader.finish();
}

}  // namespace

FileCall read_call(const Config& value, const std::string& where) {
  if (value.is_list()) return read_old_call(value, where);
  const Config* args = value.find("args");
  const Config* kwargs = value.find("kwargs");
  require(args && args->is_list(), where, "a call must have args. Got ", value.text().substr(0, 100), ".");
  require_known_keys(value, where, {"args", "kwargs"});
  CallReader reader(where);
  for (size_t i = 0; i < args->as_list().size(); ++i)
    reader.argument(i == 0 ? "" : std::to_string(i), args->as_list()[i]);
  if (kwargs && !kwargs->is_null()) reader.keywords(kwargs->as_object(where), false);
  return reader.finish();
}

FileEnds read_ends(const Config& value, const std::string& where) {
  const Nesting nesting = read_nesting(value, is_history, where);
  require(!nesting.flat.empty(), where, "a model must have inputs and outputs. Got ", value.text().substr(0, 100), ".");
  FileEnds ends{{}, nesting.structure};
  for (const Config& item : nesting.flat) ends.tensors.push_back(tensor_name(item, where));
  return ends;
}

Config call_object(const std::vector<Config>& tensors, const CallForm& form, const Config& structure) {
  std::map<size_t, Config> positions;
  std::map<std::string, Config> keywords;
  const auto place = [&](const std::string& role) -> Config& {
    const bool digits = std::all_of(role.begin(), role.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (!digits) return keywords[role];
    return positions[role.empty() ? 0 : static_cast<size_t>(std::stoul(role))];
  };
  for (const auto& [name, value] : form.arguments.as_object()) place(name) = value;
  std::map<std::string, Config::List> by_role;
  for (size_t i = 0; i < tensors.size(); ++i) by_role[form.role(i)].push_back(tensors[i]);
  for (auto& [role, list] : by_role)
    place(role) = role.empty() && !structure.is_null() ? nested(structure, list)
                  : list.size() == 1                   ? list.front()
                                                       : Config(list);

  Config::List args;
  for (const auto& [at, value] : positions) {
    args.resize(at);  // nulls for what was left out before
    args.push_back(value);
  }
  Config kwargs = Config(Config::Object{});
  for (const auto& [name, value] : keywords) kwargs.set(name, value);
  if (form.training) kwargs.set("training", *form.training);
  return Config::object({{"args", args}, {"kwargs", kwargs}});
}

Config as_keras_calls(std::string_view class_name, Config call) {
  static const std::map<std::string_view, std::vector<const char*>> kNamed = {
      {"ops.nn.LayerNorm", {"x", "gamma", "beta"}},
      {"ops.nn.RMSNorm", {"x", "scale"}},
      {"ops.nn.BatchNorm", {"x", "mean", "variance", "offset", "scale"}},
  };
  static const std::map<std::string_view, size_t> kLists = {{"ops.numpy.Select", 2},
                                                            {"ops.numpy.Concatenate", 1},
                                                            {"ops.numpy.Stack", 1},
                                                            {"ops.numpy.Hstack", 1},
                                                            {"ops.numpy.Dstack", 1}};
  if (const auto lists = kLists.find(class_name); lists != kLists.end()) {
    Config::List args = call.at("args").as_list();
    for (size_t i = 0; i < std::min(lists->second, args.size()); ++i)
      if (!args[i].is_list()) args[i] = Config::List{args[i]};
    call.set("args", args);
  }
  const auto it = kNamed.find(class_name);
  if (it == kNamed.end()) return call;
  Config kwargs = call.at("kwargs");
  for (size_t i = call.at("args").as_list().size(); i < it->second.size(); ++i)
    if (!kwargs.find(it->second[i])) kwargs.set(it->second[i], Config());
  call.set("kwargs", kwargs);
  return call;
}

}  // namespace batchwise
