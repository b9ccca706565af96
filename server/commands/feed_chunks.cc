#include "server/commands/feed_chunks.h"

#include <utility>

#include "domain/error.h"

namespace kakunin {
namespace {

int RowsNumber(v1::FeedKind kind) {
  using Request = v1::PushRowsRequest;
  switch (kind) {
    case v1::FEED_KIND_RECEIPTS:
      return Request::kReceiptsFieldNumber;
    case v1::FEED_KIND_HEALTH_CHECKS:
      return Request::kHealthChecksFieldNumber;
    case v1::FEED_KIND_ELDERLY_RECIPIENT_CERTIFICATES:
      return Request::kElderlyRecipientCertificatesFieldNumber;
    case v1::FEED_KIND_LIMIT_CERTIFICATES:
      return Request::kLimitCertificatesFieldNumber;
    case v1::FEED_KIND_SPECIFIC_DISEASE_CERTIFICATES:
      return Request::kSpecificDiseaseCertificatesFieldNumber;
    case v1::FEED_KIND_CARD_LINKS:
      return Request::kCardLinksFieldNumber;
    default:
      return Request::kCoveragesFieldNumber;
  }
}

const google::protobuf::FieldDescriptor* RowsField(v1::FeedKind kind) {
  return v1::PushRowsRequest::descriptor()->FindFieldByNumber(RowsNumber(kind));
}

}  // namespace

FeedChunks::FeedChunks(v1::FeedKind kind, std::unique_ptr<FeedRows> rows, const ChunkBounds& bounds)
    : field_(RowsField(kind)), rows_(std::move(rows)), bounds_(bounds) {}

absl::StatusOr<bool> FeedChunks::Next(v1::PushRowsRequest& chunk) {
  chunk.Clear();
  places_.clear();
  const google::protobuf::Reflection& reflection = *v1::PushRowsRequest::GetReflection();
  size_t octets = 0;
  int rows = 0;
  while (rows < bounds_.most_rows && octets < bounds_.most_octets) {
    google::protobuf::Message& row = *reflection.AddMessage(&chunk, field_);
    ASSIGN_OR_RETURN(const bool more, rows_->Next(row));
    if (!more) {
      reflection.RemoveLast(&chunk, field_);
      break;
    }
    places_.push_back(rows_->place());
    ++rows;
    octets += row.ByteSizeLong();
  }
  if (rows == 0) {
    summary_.digest = digest_.Finish();
    return false;
  }
  chunk.set_chunk_number(++summary_.chunk_count);
  chunk.set_row_count(rows);
  summary_.row_count += rows;
  // A chunk's number stands before its rows: no two cuts of the same rows are one text.
  digest_.Update(chunk.SerializeAsString());
  return true;
}

absl::StatusOr<int64_t> RowPlaces::Find(int64_t chunk, int32_t row) {
  while (chunk_.chunk_number() < chunk) {
    ASSIGN_OR_RETURN(const bool more, chunks_.Next(chunk_));
    if (!more) return 0;
  }
  const std::vector<int64_t>& places = chunks_.places();
  const auto index = static_cast<size_t>(row);
  return index < places.size() ? places[index] : 0;
}

absl::StatusOr<FeedSummary> SummariseFeed(FeedChunks chunks) {
  v1::PushRowsRequest chunk;
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, chunks.Next(chunk));
    if (!more) return chunks.summary();
  }
}

}  // namespace kakunin
