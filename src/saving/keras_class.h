// Whose the classes of a file's objects are: a user's own may have the name of one of Keras's.
#pragma once

#include <string>

#include <batchwise/config.h>

namespace batchwise {

// Throws for every object of `config`, at any depth, whose class is none of Keras's own: its code is not in the file.
// `where` starts the message, which goes on with layers by their names and with keys. Files of before Keras 3 state no
// modules, so their names are all there is.
void require_kerass_classes(const Config& config, const std::string& where);

}  // namespace batchwise
