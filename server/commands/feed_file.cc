#include "server/commands/feed_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

#include "domain/error.h"

namespace kakunin {
namespace {

absl::StatusOr<OctetSource> OpenOctets(const std::string& path) {
  const auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
  if (!*file || std::filesystem::is_directory(path)) {
    return absl::NotFoundError(
        fmt::format("cannot read {}: name a file that is there and may be read", path));
  }
  return OctetSource([file, path](std::span<char> into) -> absl::StatusOr<size_t> {
    file->read(into.data(), static_cast<std::streamsize>(into.size()));
    if (file->bad()) return absl::DataLossError(fmt::format("reading {} failed", path));
    return static_cast<size_t>(file->gcount());
  });
}

absl::StatusOr<TextEncoding> EncodingOf(const std::string& path) {
  ASSIGN_OR_RETURN(const OctetSource source, OpenOctets(path));
  EncodingDetector detector;
  std::string block(1 << 16, '\0');
  for (;;) {
    ASSIGN_OR_RETURN(const size_t count, source(block));
    if (count == 0) break;
    detector.Add(std::string_view(block).substr(0, count));
  }
  const auto encoding = detector.Finish();
  if (encoding) return *encoding;
  return absl::InvalidArgumentError(
      fmt::format("{} is neither UTF-8 nor plainly CP932: mend it, or tell --encoding", path));
}

absl::StatusOr<FeedFormat> FormatOf(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension().string();
  if (ending == ".csv" || ending == ".CSV") return FeedFormat::kCsv;
  if (ending == ".pb" || ending == ".binpb") return FeedFormat::kProtobuf;
  return absl::InvalidArgumentError(
      fmt::format("{}: what it holds does not show by its name; tell --format", path));
}

}  // namespace

absl::StatusOr<FeedChunks> FeedFile::Read(const ChunkBounds& bounds) const {
  ASSIGN_OR_RETURN(OctetSource source, OpenOctets(path));
  auto rows = format == FeedFormat::kCsv ? ReadCsvRows(kind, encoding, std::move(source))
                                         : ReadProtobufRows(std::move(source));
  return FeedChunks(kind, std::move(rows), bounds);
}

absl::StatusOr<FeedFile> LookAtFeedFile(const std::string& path, v1::FeedKind kind,
                                        std::optional<FeedFormat> format,
                                        std::optional<TextEncoding> encoding) {
  // Before its name is judged: a file that is not there has no format.
  RETURN_IF_ERROR(OpenOctets(path).status());
  if (!format) {
    ASSIGN_OR_RETURN(format, FormatOf(path));
  }
  FeedFile file{.path = path, .kind = kind, .format = *format};
  if (file.format == FeedFormat::kProtobuf) return file;
  if (!encoding) {
    ASSIGN_OR_RETURN(encoding, EncodingOf(path));
  }
  file.encoding = *encoding;
  return file;
}

}  // namespace kakunin
