// What every object of a file must be, {module, class_name, config, registered_name}, at whatever depth.
#pragma once

#include <string>

#include <batchwise/config.h>

namespace batchwise {

// Throws for an object whose class is none of Keras's own, since its code is not in the file and its name may be that
// of one of Keras's, and for one with a key that nobody reads. `where` starts the message, which goes on with layers by
// their names and with keys. Files of before Keras 3 state no modules, so their names are all there is.
void require_known_objects(const Config& config, const std::string& where);

}  // namespace batchwise
