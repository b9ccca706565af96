#include "server/rpc/stream_turns.h"

namespace kakunin {

int64_t StreamTurns::BeginRead() {
  const std::lock_guard lock(mutex_);
  if (step_ != Step::kFinished) step_ = Step::kStartingRead;
  overdue_ = false;
  return ++turn_;
}

bool StreamTurns::ReadStarted(int64_t turn) {
  const std::lock_guard lock(mutex_);
  if (turn != turn_ || step_ != Step::kStartingRead) return false;
  step_ = overdue_ ? Step::kFinished : Step::kReading;
  return overdue_;
}

bool StreamTurns::TurnDone() {
  const std::lock_guard lock(mutex_);
  if (step_ == Step::kFinished) return false;
  step_ = Step::kWorking;
  return true;
}

int64_t StreamTurns::BeginWrite() {
  const std::lock_guard lock(mutex_);
  if (step_ != Step::kFinished) step_ = Step::kWriting;
  overdue_ = false;
  return ++turn_;
}

StreamTurns::Cut StreamTurns::Overdue(int64_t turn) {
  const std::lock_guard lock(mutex_);
  if (turn != turn_ || step_ == Step::kWorking || step_ == Step::kFinished) return Cut::kNothing;
  overdue_ = true;
  if (step_ == Step::kWriting) return Cut::kCancel;
  if (step_ == Step::kStartingRead) return Cut::kNothing;
  step_ = Step::kFinished;
  return Cut::kFinish;
}

bool StreamTurns::WasOverdue() const {
  const std::lock_guard lock(mutex_);
  return overdue_;
}

bool StreamTurns::Finish() {
  const std::lock_guard lock(mutex_);
  if (step_ == Step::kFinished) return false;
  step_ = Step::kFinished;
  return true;
}

}  // namespace kakunin
