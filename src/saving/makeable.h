// Classes in files are tried where they are read, so that none is written again that nobody knows.
#pragma once

#include <string>

#include <batchwise/error.h>
#include <batchwise/registry.h>

namespace batchwise {

// Throws, naming the place, unless the registry can make it.
template <class Base>
void require_makeable(const Spec& spec, const std::string& where) {
  try {
    Registry<Base>::instance().make(spec, spec.class_name);
  } catch (const Error& error) { fail(where, error.what()); }
}

// The same for initializers, regularizers and constraints among the arguments of a layer and of the layers inside it.
void require_known_parts(const Config& arguments, const std::string& where);

}  // namespace batchwise
