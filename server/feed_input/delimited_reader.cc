#include "server/feed_input/delimited_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace kakunin {
namespace {

constexpr size_t kBlockOctets = 1 << 16;
constexpr int kMostLengthOctets = 4;  // 28 bits: more than kMostMessageOctets

}  // namespace

DelimitedReader::DelimitedReader(OctetSource source)
    : source_(std::move(source)), buffer_(kBlockOctets, '\0') {}

absl::Status DelimitedReader::Fault(std::string_view what) const {
  return absl::InvalidArgumentError(fmt::format("message {}: {}", count_ + 1, what));
}

absl::StatusOr<bool> DelimitedReader::Have(size_t octets) {
  if (buffer_.size() - at_ < octets) {
    std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
    end_ -= std::exchange(at_, 0);
    buffer_.resize(std::max(buffer_.size(), octets));
  }
  while (end_ - at_ < octets) {
    const auto count = source_({buffer_.data() + end_, buffer_.size() - end_});
    if (!count.ok()) return count.status();
    if (*count == 0) return false;
    end_ += *count;
  }
  return true;
}

absl::StatusOr<bool> DelimitedReader::Read(std::string_view& message) {
  uint64_t length = 0;
  for (int i = 0;; ++i) {
    if (i == kMostLengthOctets) return Fault("a length that is no length of ours");
    auto have = Have(1);
    if (!have.ok()) return have;
    if (!*have) {
      if (i > 0) return Fault("the file ends inside its length");
      return false;
    }
    const auto octet = static_cast<unsigned char>(buffer_[at_++]);
    length |= static_cast<uint64_t>(octet & 0x7F) << (7 * i);
    if (octet < 0x80) break;
  }
  if (length > kMostMessageOctets) return Fault("longer than 4 MiB");
  auto have = Have(length);
  if (!have.ok()) return have;
  if (!*have) return Fault("the file ends inside it");
  message = std::string_view(buffer_.data() + at_, length);
  at_ += length;
  ++count_;
  return true;
}

absl::StatusOr<bool> DelimitedReader::Next(std::string_view& message) {
  if (ended_) return false;
  auto read = Read(message);
  ended_ = !read.ok() || !*read;
  return read;
}

}  // namespace kakunin
