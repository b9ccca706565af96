#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/commands/feed_chunks.h"
#include "server/commands/feed_rows.h"
#include "server/feed_input/text_encoding.h"

namespace kakunin {

// FeedFile is a party's file, and how it is to be read.
struct FeedFile {
  std::string path;
  v1::FeedKind kind = v1::FEED_KIND_COVERAGES;
  FeedFormat format = FeedFormat::kCsv;
  TextEncoding encoding = TextEncoding::kUtf8;  // of a table

  // Read begins at the first chunk. NOT_FOUND when the file cannot be opened.
  absl::StatusOr<FeedChunks> Read(const ChunkBounds& bounds = {}) const;
};

// LookAtFeedFile finds out what it is not told: the format by the file's name (.csv, .pb, .binpb),
// the encoding by its octets. NOT_FOUND when it cannot be read, INVALID_ARGUMENT when it cannot be
// told what it is.
absl::StatusOr<FeedFile> LookAtFeedFile(const std::string& path, v1::FeedKind kind,
                                        std::optional<FeedFormat> format,
                                        std::optional<TextEncoding> encoding);

}  // namespace kakunin
