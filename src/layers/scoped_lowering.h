// What a lowering says of the layer at work, kept while layers lower their parts inside one another.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <batchwise/layer.h>

namespace batchwise {

class ScopedLowering : public Lowering {
 public:
  bool training() const override { return scope().layer ? scope().training : backward(); }
  bool learns() const override { return backward() && trainable(); }
  bool trainable() const override { return scope().layer->trainable(); }
  const CallForm& call_form() const override { return scope().form; }
  uint64_t layer_key() const override;
  Value mask(Value value) const override;
  void set_mask(Value value, Value mask) override;
  std::vector<Value> lower_part(const Layer& part, std::vector<Value> inputs, const CallForm& form) override;

  void enter(const Layer& layer);  // from here on, kernels are appended on behalf of `layer`, a part of nothing

 protected:
  virtual bool backward() const = 0;  // a backward pass follows
  const Layer& layer() const { return *scope().layer; }
  const std::string& path() const { return scope().path; }  // "outer/inner"
  void share_mask(Value from, Value to);                    // `to` is the same tensor in another layout

 private:
  struct Scope {
    const Layer* layer = nullptr;  // null: the whole program
    CallForm form;
    bool training = false;
    std::string path;
    std::map<int, Value> masks;  // by value
    std::set<int> stated;        // values whose masks the layer set: they do not inherit
  };
  const Scope& scope() const { return scopes_.back(); }
  std::vector<Scope> scopes_{1};
};

}  // namespace batchwise
