// How an initializer is made from a Spec.
#include <batchwise/optimizer.h>

namespace batchwise {

std::unique_ptr<Initializer> make_initializer(const Spec& spec) {
  return Registry<Initializer>::instance().make(spec, "initializer");
}

}  // namespace batchwise
