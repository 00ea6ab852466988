// Progress of fit, evaluate and predict on a console, as Keras shows it.
#pragma once

#include <functional>
#include <memory>
#include <ostream>

#include <batchwise/callback.h>

namespace batchwise {

// verbose 0: messages only; 1: a progress bar on a terminal, elsewhere as 2; 2: a line per epoch.
// `out` must outlive the callback. `clock`: seconds since any fixed moment; empty: the steady clock.
std::shared_ptr<Callback> make_console(int verbose, std::ostream& out, bool terminal,
                                       std::function<double()> clock = {});

}  // namespace batchwise
