// The functions behind the command table: one file each.
#pragma once

#include <string>
#include <vector>

namespace batchwise {

int run_train(const std::vector<std::string>& words);
int run_report(const std::vector<std::string>& words);
int run_resume(const std::vector<std::string>& words);
int run_sweep_command(const std::vector<std::string>& words);
int run_evaluate(const std::vector<std::string>& words);
int run_predict(const std::vector<std::string>& words);
int run_plan(const std::vector<std::string>& words);
int run_tune(const std::vector<std::string>& words);
int run_inspect(const std::vector<std::string>& words);
int run_convert(const std::vector<std::string>& words);
int run_supported(const std::vector<std::string>& words);

}  // namespace batchwise
