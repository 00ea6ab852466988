// Roles of the tensors that a layer is called on.
#include <batchwise/call_form.h>

#include <algorithm>

namespace batchwise {

const std::string& CallForm::role(size_t tensor) const {
  static const std::string first;
  return tensor < roles.size() ? roles[tensor] : first;
}

int CallForm::find(std::string_view role, int nth) const {
  for (size_t i = 0; i < roles.size(); ++i)
    if (roles[i] == role && nth-- == 0) return static_cast<int>(i);
  return -1;
}

bool CallForm::plain() const {
  return arguments.as_object().empty() &&
         std::all_of(roles.begin(), roles.end(), [](const auto& r) { return r.empty(); });
}

CallForm CallForm::without(std::string_view role) const {
  CallForm form = *this;
  std::erase(form.roles, role);
  return form;
}

}  // namespace batchwise
