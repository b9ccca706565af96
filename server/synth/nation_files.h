#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/io/zero_copy_stream_impl.h"
#include "kakunin/v1/card_link_service.pb.h"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/synth/nation.h"

namespace kakunin::synth {

// A nation's directory:
//   nation.json        what it was made from, and counts; written last, so that a directory
//                      without it is not a nation
//   insurers.json      every insurer, with the number of rows of its feed
//   facilities.json    every facility with its terminals
//   persons.json       the test persons: how to ask, what to expect
//   cards.json         the test persons' cards
//   feeds/<number>.rows  CoverageRow messages, each behind its length as a varint
//   receipts/<reviewer>.rows       ReceiptRow messages in the same form
//   health_checks/<insurer>.rows   HealthCheckRow messages in the same form
//   card_links.rows    CardLink messages in the same form
//   resident_identities.csv  the residents themselves (resident_registers.h); nations of an older
//                      form have none
// Everything is a function of the options alone, octet by octet: issuer_key_id in card_links.rows
// holds the generation (1-3) as one octet, since CA keys differ from installation to installation;
// NationFiles puts the real ones in.

// kResidentIdentities is the name of that file.
inline constexpr char kResidentIdentities[] = "resident_identities.csv";

// NationSummary is what nation.json says.
struct NationSummary {
  NationOptions options;
  int64_t insurers = 0;
  int64_t rows = 0;
  int64_t card_links = 0;
  int64_t cards = 0;
  int64_t receipts = 0;
  int64_t health_checks = 0;
};

// WriteNation writes the directory, replacing a nation that is there. `progress` (may be empty)
// receives the persons done and the persons in all. Returns what CheckOptions returns, or INTERNAL
// when a file cannot be written.
absl::StatusOr<NationSummary> WriteNation(
    const std::filesystem::path& directory, const NationOptions& options,
    const std::function<void(int64_t done, int64_t total)>& progress);

// MessageFile reads length-delimited messages from one file. One thread at a time.
class MessageFile {
 public:
  // Open returns NOT_FOUND when the file cannot be read.
  static absl::StatusOr<MessageFile> Open(const std::filesystem::path& path);

  // Next reads one message; false at the end. DATA_LOSS when the file is cut or is no such file.
  absl::StatusOr<bool> Next(google::protobuf::MessageLite& message);

 private:
  explicit MessageFile(std::unique_ptr<std::ifstream> file);

  std::unique_ptr<std::ifstream> file_;
  std::unique_ptr<google::protobuf::io::IstreamInputStream> stream_;
};

// NationFiles reads a nation's directory.
class NationFiles {
 public:
  // Open returns NOT_FOUND when there is no whole nation, DATA_LOSS when nation.json does not say
  // what it must.
  static absl::StatusOr<NationFiles> Open(const std::filesystem::path& directory);

  const NationSummary& summary() const { return summary_; }

  // nation is the generator of the same options, for cards and test persons.
  Nation nation() const { return Nation(summary_.options); }

  // Feed opens an insurer's rows, by its number of eight digits.
  absl::StatusOr<MessageFile> Feed(std::string_view insurer_number) const;

  // Receipts opens a reviewer's claims, by its number; HealthChecks an insurer's examinations. A
  // nation of an older form has none: NOT_FOUND.
  absl::StatusOr<MessageFile> Receipts(std::string_view reviewer_number) const;
  absl::StatusOr<MessageFile> HealthChecks(std::string_view insurer_number) const;

  // ForEachCardLink passes the links in the order in which they must be pushed; `issuer_key_ids`
  // are those of generations 1 to 3. Stops at and returns the first error of `sink` or of the file.
  absl::Status ForEachCardLink(std::span<const std::string, kCardGenerations> issuer_key_ids,
                               const std::function<absl::Status(v1::CardLink&)>& sink) const;

 private:
  NationFiles(std::filesystem::path directory, NationSummary summary)
      : directory_(std::move(directory)), summary_(summary) {}

  std::filesystem::path directory_;
  NationSummary summary_;
};

}  // namespace kakunin::synth
