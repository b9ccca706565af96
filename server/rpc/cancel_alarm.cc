#include "server/rpc/cancel_alarm.h"

namespace kakunin {

CancelAlarm::CancelAlarm(grpc::ServerContextBase& context) : state_(std::make_shared<State>()) {
  state_->context = &context;
}

void CancelAlarm::Set(std::chrono::milliseconds bound) {
  Rest();
  int64_t turn = 0;
  {
    const std::lock_guard lock(state_->mutex);
    turn = state_->turn;
  }
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(bound.count(), GPR_TIMESPAN)),
      [state = state_, turn](bool fired) {
        if (!fired) return;
        const std::lock_guard lock(state->mutex);
        if (state->context != nullptr && state->turn == turn) state->context->TryCancel();
      });
}

void CancelAlarm::Rest() {
  const std::lock_guard lock(state_->mutex);
  ++state_->turn;
}

void CancelAlarm::Done() {
  alarm_.reset();
  const std::lock_guard lock(state_->mutex);
  state_->context = nullptr;
}

}  // namespace kakunin
