// Makes the N-th call of a file operation fail, for tests: the test program's own pwrite, fsync and rename stand before
// the system's (fault_injection_test.cpp).
#pragma once

namespace batchwise::testing {

// The `call`-th operation from now on (counted from 1) fails with `error`. 0: none.
void fail_file_operation(int call, int error);
bool file_operation_failed();  // since fail_file_operation

}  // namespace batchwise::testing
