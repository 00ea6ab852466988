// run.json, written and read.
#include "cli/run_record.h"

#include <filesystem>

#include <batchwise/byte_size.h>

#include "base/atomic_file.h"
#include "cli/training_run.h"
#include "cli/version.h"
#include "formats/json/json.h"
#include "report/events.h"
#include "report/plan_record.h"
#include "saving/class_names.h"

namespace batchwise {
namespace {

constexpr int kFormat = 1;

class RunRecord final : public Callback {
 public:
  explicit RunRecord(TrainingRun& run) : run_(run) {}

  void on_plan(const Plan& plan) override {
    Config record;
    if (run_.resume) {
      record = read_run_record(run_.folder->run_json());
      Config::List resumes;
      if (const Config* before = record.find("resumes")) resumes = before->as_list("resumes");
      resumes.push_back(Config::object(
          {{"batchwise", kVersion}, {"batch_size", plan.batch_size}, {"instruction_set", plan.instruction_set}}));
      record.set("resumes", resumes);
    } else {
      run_.folder->create(run_.overwrite);
      run_.model.save(run_.folder->start_model());
      record =
          Config::object({{"format", kFormat}, {"batchwise", kVersion}, {"instruction_set", plan.instruction_set}});
    }
    record.set("settings", run_.settings.config());
    Config planned = plan_event(plan);
    planned.erase("event");
    record.set("plan", planned);
    record.set("memory", memory_record(plan));
    write_file_atomically(run_.folder->run_json(), indented_json(record));
  }
  // Files are streamed: what writing them takes does not depend on the model.
  int64_t memory(int64_t) const override { return MiB(5); }
  std::string name() const override { return "RunRecord"; }

 private:
  TrainingRun& run_;
};

}  // namespace

std::shared_ptr<Callback> make_run_record(TrainingRun& run) { return std::make_shared<RunRecord>(run); }

std::vector<std::string> known_class_names(const std::string& model) {
  if (std::vector<std::string> own = class_names_in(model); !own.empty()) return own;
  const std::filesystem::path parent = std::filesystem::path(model).parent_path();
  const RunFolder folder(parent.empty() ? "." : parent.string());
  if (!folder.holds_run()) return {};
  const Config record = read_run_record(folder.run_json());
  const Config* settings = record.find("settings");
  return settings ? TrainSettings::from(*settings).class_names : std::vector<std::string>();
}

Config read_run_record(const std::string& path) {
  Config record = read_json(path);
  require(record.is_object() && record.get("format", 0) == kFormat, path, "run.json must be of format ", kFormat,
          ". Got ", record.is_object() && record.find("format") ? record.at("format").text() : std::string("none"),
          ".");
  return record;
}

}  // namespace batchwise
