#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/feed_input/octet_source.h"
#include "server/feed_input/text_encoding.h"

namespace kakunin {

// FeedFormat is how a file holds its rows.
enum class FeedFormat { kCsv = 1, kProtobuf };

// FeedRowType is the message of a kind's rows.
const google::protobuf::Descriptor& FeedRowType(v1::FeedKind kind);

// FeedRows reads a file's rows in their order. One thread at a time.
class FeedRows {
 public:
  virtual ~FeedRows() = default;

  // Next reads one row into an empty message of the kind; false at the end. INVALID_ARGUMENT with
  // the place (InputFault), never a value.
  virtual absl::StatusOr<bool> Next(google::protobuf::Message& row) = 0;

  // place is the line on which the last row began, or its number among the messages; from 1.
  virtual int64_t place() const = 0;
};

// ReadCsvRows reads a table whose first line names the columns (FeedColumns).
std::unique_ptr<FeedRows> ReadCsvRows(v1::FeedKind kind, TextEncoding encoding, OctetSource source);

// ReadProtobufRows reads messages of the kind, each behind its length.
std::unique_ptr<FeedRows> ReadProtobufRows(OctetSource source);

}  // namespace kakunin
