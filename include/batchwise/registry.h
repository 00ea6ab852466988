// Name -> factory tables, filled by the files that define the things: a new thing is a new file, no list to edit.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <batchwise/config.h>
#include <batchwise/error.h>

namespace batchwise {

// The registered name nearest to `word` in edit distance, or "" when none is near. For "did you mean".
std::string nearest_name(std::string_view word, const std::vector<std::string>& names);

// What is known of one registered class: how to make it, and arguments that show its range (for the contract tests).
template <class Base>
struct Registered {
  std::function<std::unique_ptr<Base>(const Config&)> make;
  std::vector<Config> examples;
};

// Filled during static initialisation, read-only afterwards: safe to read from any thread.
template <class Base>
class Registry {
 public:
  static Registry& instance() {
    static Registry registry;
    return registry;
  }
  void add(const std::string& name, Registered<Base> entry) {
    if (!entries_.emplace(name, std::move(entry)).second) throw std::logic_error("registered twice: " + name);
  }
  void alias(const std::string& name, const std::string& target) { aliases_.emplace(name, target); }
  const Registered<Base>* find(const std::string& name) const {
    auto alias = aliases_.find(name);
    auto it = entries_.find(alias == aliases_.end() ? name : alias->second);
    return it == entries_.end() ? nullptr : &it->second;
  }
  // REQUIRES nothing of spec: unknown names throw an Error that suggests the nearest.
  std::unique_ptr<Base> make(const Spec& spec, std::string_view where) const {
    const Registered<Base>* entry = find(spec.class_name);
    if (!entry) {
      std::string near = nearest_name(spec.class_name, names_and_aliases());
      fail(where, "the name must be one that batchwise knows. Got \"", spec.class_name, "\".",
           near.empty() ? "" : " Did you mean \"" + near + "\"?");
    }
    return entry->make(spec.config);
  }
  std::string canonical(const std::string& name) const {
    auto alias = aliases_.find(name);
    return alias == aliases_.end() ? name : alias->second;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [name, entry] : entries_) all.push_back(name);
    return all;
  }
  std::vector<std::string> names_and_aliases() const {
    std::vector<std::string> all = names();
    for (const auto& [name, target] : aliases_) all.push_back(name);
    return all;
  }

 private:
  std::map<std::string, Registered<Base>> entries_;
  std::map<std::string, std::string> aliases_;
};

// const Register<Loss, Huber> registered{"Huber", {"huber"}, {Config::object({{"delta", 0.5}})}};
// REQUIRES: Derived is constructible from a Config.
template <class Base, class Derived>
struct Register {
  Register(const std::string& name, const std::vector<std::string>& aliases = {},
           std::vector<Config> examples = {Config(Config::Object{})}) {
    auto& registry = Registry<Base>::instance();
    registry.add(name, {[](const Config& config) { return std::make_unique<Derived>(config); }, std::move(examples)});
    for (const std::string& word : aliases) registry.alias(word, name);
  }
};

}  // namespace batchwise
