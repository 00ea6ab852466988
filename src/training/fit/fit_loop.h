// The loop of fit: epochs, batches, validation, callbacks, checkpoints.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <batchwise/training.h>

#include "data/decoded_room.h"
#include "data/order.h"
#include "training/callbacks/observers.h"
#include "training/checkpoint/checkpoint.h"
#include "training/execution/noise_scale.h"
#include "training/fit/data_record.h"
#include "training/fit/profile_taker.h"
#include "training/fit/run_data.h"
#include "training/memory/process_bytes.h"
#include "training/resume/cursor.h"
#include "training/session/session.h"

namespace batchwise {

class FitLoop final : public RunControl {
 public:
  // Checks everything that can be known before the first step, plans, and takes the memory.
  FitLoop(Model& model, const Dataset& data, const FitOptions& options);
  ~FitLoop() override;
  History run();
  Logs one_batch();  // one update and no end of training: averages stay apart from the weights

  void stop() override { stopped_ = true; }
  double learning_rate() const override { return session().update().learning_rate(); }
  void set_learning_rate(double rate) override { session().update().set_learning_rate(rate); }
  RunProgress progress() const override;
  std::optional<NoiseScale> noise_scale() const override { return noise_->read(); }
  void set_batch_size(int64_t batch_size, const std::string& why) override;
  using RunControl::set_batch_size;
  void with_copy(const std::function<void(Model&)>& work) override;
  std::vector<std::vector<float>> get_weights() override;
  void set_weights(const std::vector<std::vector<float>>& weights) override;
  void save_model(const std::string& path) override;
  void save_weights(const std::string& path) override;
  void message(const std::string& text) override { observers_.message(text); }

 private:
  static const FitOptions& checked(const FitOptions& options);
  void plan();
  void plan_largest();
  std::unique_ptr<Blueprint> blueprint(RunData& data);  // which then may not read ahead any more
  std::unique_ptr<Blueprint> blueprint_of(const RunData& data);
  std::unique_ptr<Blueprint> chosen_blueprint();
  void hold_decoded(int64_t peak, int64_t budget);
  void tell_of_given_way();
  void open_session(std::unique_ptr<Blueprint> blueprint);
  Session& session() const;
  void exchange_session(const std::function<std::unique_ptr<Blueprint>()>& between, const std::function<void()>& undo);
  bool resume();
  void begin();
  void epoch();
  bool batch();      // false: the data ran out
  void ran_dry();    // there is nothing to begin an epoch with
  void end_early();  // there is less than the steps of an epoch
  void after_batch();
  void end_epoch();
  void validate(Logs& logs);
  void record(const Logs& logs);
  void checkpoint();
  void check_weights() const;
  bool checkpoint_due() const;
  Config header();
  std::string shuffle_in_force() const;
  void check_same_order(const Config& header) const;
  void restore(const CheckpointReader& reader);
  int64_t steps_of_epoch() const;  // 0: unknown
  void start_pass();
  void next_pass();
  bool more();  // samples in this pass
  std::optional<BatchRange> next_range();
  void finish();
  // Timed, where a profile is taken.
  template <class Work>
  void between_steps(WorkKinds::OfAll kind, const Work& work);
  template <class Work>
  auto wait_for_data(const Work& work);
  void hand_over_profile() noexcept;  // of a run that goes no further
  template <class Work>
  void with_model_values(const Work& work);

  Model& model_;
  const Dataset given_;
  FitOptions options_;
  RunData data_;  // what the session was made for: held in memory, or as given
  DataRecord record_{given_, options_};
  DecodedRoom decoded_;
  const Model sized_;         // model_ for the shapes of the data
  int64_t largest_peak_ = 0;  // of the plan of the largest batch that a callback may set
  Observers observers_;
  std::unique_ptr<Session> session_;
  std::optional<Order> order_;
  Cursor cursor_;
  std::optional<NoiseMeter> noise_;
  std::optional<ProfileTaker> profile_;
  NoiseTerms noise_terms_;
  RunningSums sums_;
  Logs logs_;
  History history_;
  bool stopped_ = false, pass_ended_ = false, mid_epoch_ = false;
  bool beginning_ = false;       // callbacks begin: what a resumed one sets was set before
  bool even_ = false;            // what the stream said of its batches up to the position, where it is to start
  uint64_t samples_before_ = 0;  // of earlier calls of fit
  std::string state_left_out_;   // why training begins anew
  ProcessBytes library_;         // of the process, when the run was planned
  int64_t schedule_batch_ = 0;   // the batch size that schedules count steps in
  std::chrono::steady_clock::time_point last_checkpoint_;
  int64_t last_checkpoint_updates_ = 0;
  std::chrono::steady_clock::time_point began_;
  double seconds_before_ = 0;  // of the run, before this call
  double timed_seconds_ = 0;
  int64_t timed_samples_ = 0, steps_run_ = 0;
};

}  // namespace batchwise
