#include "server/commands/chunk_window.h"

#include "domain/error.h"

namespace kakunin {

absl::StatusOr<bool> ChunkWindow::ReadOne() {
  if (summary_) return false;
  if (!chunks_) {
    ASSIGN_OR_RETURN(FeedChunks chunks, open_());
    chunks_.emplace(std::move(chunks));
  }
  auto more = chunks_->Next(kept_.emplace_back());
  if (!more.ok() || !*more) kept_.pop_back();
  if (more.ok() && !*more) summary_ = chunks_->summary();
  return more;
}

absl::Status ChunkWindow::Resume(int64_t next) {
  under_way_ = 0;
  if (next < next_) {  // the server lost what it had acknowledged: read it again
    chunks_.reset();
    summary_.reset();
    kept_.clear();
    next_ = 1;
  }
  while (next_ < next) {
    if (kept_.empty()) {
      ASSIGN_OR_RETURN(const bool more, ReadOne());
      if (!more) return absl::FailedPreconditionError("the server has more chunks than the file");
    }
    kept_.pop_front();
    ++next_;
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::PushRowsRequest*> ChunkWindow::ToSend() {
  if (under_way_ == most_under_way_) return nullptr;
  if (static_cast<size_t>(under_way_) == kept_.size()) {
    ASSIGN_OR_RETURN(const bool more, ReadOne());
    if (!more) return nullptr;
  }
  return &kept_[static_cast<size_t>(under_way_++)];
}

absl::Status ChunkWindow::Acknowledge(int64_t number) {
  if (under_way_ == 0 || number != next_) {
    return absl::InternalError("a receipt of a chunk that was not the next");
  }
  kept_.pop_front();
  --under_way_;
  ++next_;
  return absl::OkStatus();
}

}  // namespace kakunin
