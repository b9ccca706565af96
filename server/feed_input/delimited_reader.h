#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/feed_input/octet_source.h"

namespace kakunin {

// kMostMessageOctets bounds one message of a file.
inline constexpr uint64_t kMostMessageOctets = 4 << 20;

// DelimitedReader reads messages that stand one after the other, each behind its length as a varint
// (protobuf's "delimited" form), as a stream. One thread at a time.
class DelimitedReader {
 public:
  explicit DelimitedReader(OctetSource source);

  // Next reads a message's octets, which live until the next call; false at the end.
  // INVALID_ARGUMENT that tells the message's number when it is cut or too long, or the source's
  // error; after either there is nothing more.
  absl::StatusOr<bool> Next(std::string_view& message);

  // count is how many messages were read.
  int64_t count() const { return count_; }

 private:
  // Have waits until `octets` unread ones are there; false when the source ends before.
  absl::StatusOr<bool> Have(size_t octets);
  absl::StatusOr<bool> Read(std::string_view& message);
  absl::Status Fault(std::string_view what) const;

  OctetSource source_;
  std::string buffer_;
  size_t at_ = 0;
  size_t end_ = 0;
  bool ended_ = false;
  int64_t count_ = 0;
};

}  // namespace kakunin
