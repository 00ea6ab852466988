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
  bool bfloat16() const override { return scope().policy == DTypePolicy::MixedBfloat16; }
  uint64_t layer_key() const override;
  Value mask(Value value) const override;
  void set_mask(Value value, Value mask) override;
  void require_mask(Value value, Value mask, const std::string& where) const;
  std::vector<Value> lower_part(const Layer& part, std::vector<Value> inputs, const CallForm& form) override;
  std::vector<Value> lower_each(const Layer& part, std::vector<Value> inputs, const CallForm& form) override;
  int64_t grain() const final { return samples() * scope().steps; }
  const TensorType& type(Value value) const final;
  std::vector<Value> add(std::unique_ptr<Kernel> kernel, std::vector<Value> inputs,
                         std::vector<std::string> weights) final;

  void enter(const Layer& layer);  // from here on, kernels are appended on behalf of `layer`, a part of nothing

 protected:
  virtual bool backward() const = 0;    // a backward pass follows
  virtual int64_t samples() const = 0;  // of a grain
  virtual const TensorType& whole_type(Value value) const = 0;
  virtual std::vector<Value> append(std::unique_ptr<Kernel> kernel, std::vector<Value> inputs,
                                    std::vector<std::string> weights) = 0;
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
    Shape leading;               // axes whose steps are samples of their own here
    int64_t steps = 1;           // of them
    DTypePolicy policy = DTypePolicy::Float32;
    uint64_t call = 0;  // which one of this path, in this program
  };
  std::vector<Value> lower_scope(const Layer& part, const std::vector<Value>& inputs, const CallForm& form,
                                 const Shape& leading);
  const Scope& scope() const { return scopes_.back(); }
  std::vector<Scope> scopes_{1};
  std::map<std::string, uint64_t> calls_;                         // of parts, by path
  mutable std::map<std::pair<int, int>, TensorType> step_types_;  // by value and leading axes
};

}  // namespace batchwise
