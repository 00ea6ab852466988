// The profile of a run that was interrupted or failed: fit throws then, and returns no history that could hold it.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <batchwise/callback.h>
#include <batchwise/profile.h>

namespace batchwise {

// Given to fit with the callbacks. It hears nothing of a run that ends well.
class CutProfile final : public Callback {
 public:
  void take(Profile profile) { profile_ = std::move(profile); }
  const std::optional<Profile>& profile() const { return profile_; }  // none: no step was measured
  std::string name() const override { return "CutProfile"; }

 private:
  std::optional<Profile> profile_;
};

}  // namespace batchwise
