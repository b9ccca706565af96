#include "server/synth/nation_files.h"

#include <fmt/format.h>

#include <sstream>
#include <system_error>
#include <utility>

#include "google/protobuf/util/delimited_message_util.h"
#include "server/synth/nation_index.h"
#include "server/synth/record_plan.h"
#include "server/synth/resident_registers.h"

namespace kakunin::synth {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBufferBytes = 64 << 10;

constexpr const char* kFeeds = "feeds";
constexpr const char* kReceipts = "receipts";
constexpr const char* kHealthChecks = "health_checks";

fs::path RowsPath(const fs::path& directory, const char* kind, std::string_view party) {
  return directory / kind / fmt::format("{}.rows", party);
}

// MessageWriter appends length-delimited messages to a file. It opens the file for each buffer
// only, so that a hundred writers do not hold a hundred files.
class MessageWriter {
 public:
  explicit MessageWriter(fs::path path) : path_(std::move(path)) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc);
  }

  void Append(const google::protobuf::MessageLite& message) {
    size_t length = message.ByteSizeLong();
    while (length >= 0x80) {
      buffer_.push_back(static_cast<char>(length | 0x80));
      length >>= 7;
    }
    buffer_.push_back(static_cast<char>(length));
    message.AppendToString(&buffer_);
    ++count_;
    if (buffer_.size() >= kBufferBytes) Flush();
  }

  // Flush writes what is buffered. A failure is kept for `ok`.
  void Flush() {
    std::ofstream file(path_, std::ios::binary | std::ios::app);
    file.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    file.close();
    ok_ = ok_ && file.good();
    buffer_.clear();
  }

  bool ok() const { return ok_; }
  int64_t count() const { return count_; }

 private:
  fs::path path_;
  std::string buffer_;
  int64_t count_ = 0;
  bool ok_ = true;
};

absl::Status WriteText(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file.good()) {
    return absl::InternalError(fmt::format("cannot write {}", path.filename().string()));
  }
  return absl::OkStatus();
}

absl::Status PrepareDirectory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  // From here on it is no whole nation, until nation.json is written again.
  fs::remove(directory / "nation.json", error);
  for (const char* kind : {kFeeds, kReceipts, kHealthChecks}) {
    fs::create_directories(directory / kind, error);
    for (const auto& entry : fs::directory_iterator(directory / kind, error)) {
      std::error_code ignored;
      if (entry.path().extension() == ".rows") fs::remove(entry.path(), ignored);
    }
  }
  if (error) return absl::InternalError("cannot make the nation's directory");
  return absl::OkStatus();
}

absl::Status WriteIndex(const fs::path& directory, const NationSummary& summary,
                        std::span<const int64_t> rows) {
  const absl::CivilDay today = summary.options.today;
  const std::pair<const char*, std::string> files[] = {
      {"insurers.json", InsurersJson(rows)}, {"facilities.json", FacilitiesJson()},
      {"persons.json", PersonsJson(today)},  {"cards.json", CardsJson(today)},
      {"nation.json", NationJson(summary)},
  };
  for (const auto& [name, text] : files) {
    if (absl::Status status = WriteText(directory / name, text); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// WriteRecords writes what reviewers and insurers know of care, and counts it.
absl::Status WriteRecords(const fs::path& directory, NationSummary& summary) {
  std::vector<MessageWriter> receipts;
  for (const Reviewer& reviewer : Reviewers()) {
    receipts.emplace_back(RowsPath(directory, kReceipts, reviewer.number));
  }
  std::vector<MessageWriter> checks;
  for (const Insurer& insurer : Insurers()) {
    checks.emplace_back(RowsPath(directory, kHealthChecks, insurer.number));
  }
  Nation(summary.options)
      .ForEachRecord(
          {.receipt = [&](size_t reviewer,
                          const v1::ReceiptRow& row) { receipts[reviewer].Append(row); },
           .health_check = [&](size_t insurer,
                               const v1::HealthCheckRow& row) { checks[insurer].Append(row); }},
          {});
  bool ok = true;
  for (MessageWriter& file : receipts) {
    file.Flush();
    ok = ok && file.ok();
    summary.receipts += file.count();
  }
  for (MessageWriter& file : checks) {
    file.Flush();
    ok = ok && file.ok();
    summary.health_checks += file.count();
  }
  return ok ? absl::OkStatus()
            : absl::InternalError("cannot write the nation's records: is the disk full?");
}

}  // namespace

absl::StatusOr<NationSummary> WriteNation(
    const fs::path& directory, const NationOptions& options,
    const std::function<void(int64_t done, int64_t total)>& progress) {
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
  if (absl::Status status = PrepareDirectory(directory); !status.ok()) return status;

  std::vector<MessageWriter> feeds;
  for (const Insurer& insurer : Insurers())
    feeds.emplace_back(RowsPath(directory, kFeeds, insurer.number));
  MessageWriter links(directory / "card_links.rows");
  ResidentIdentityWriter residents(directory / kResidentIdentities);
  NationSummary summary;
  summary.options = options;
  summary.insurers = static_cast<int64_t>(feeds.size());
  Nation(options).ForEachPerson(
      [&](size_t insurer, const v1::CoverageRow& row) {
        feeds[insurer].Append(row);
        residents.Take(row);
      },
      [&](const CardRecord& card, const std::string& individual_number) {
        ++summary.cards;
        if (card.linked) links.Append(CardLinkOf(card, individual_number));
      },
      [&](int64_t done) {
        if (progress) progress(done, options.persons);
      });

  links.Flush();
  bool ok = links.ok();
  std::vector<int64_t> rows;
  for (MessageWriter& feed : feeds) {
    feed.Flush();
    ok = ok && feed.ok();
    rows.push_back(feed.count());
    summary.rows += feed.count();
  }
  summary.card_links = links.count();
  if (!ok) return absl::InternalError("cannot write the nation's rows: is the disk full?");
  if (absl::Status status = residents.Finish(); !status.ok()) return status;
  if (absl::Status status = WriteRecords(directory, summary); !status.ok()) return status;
  if (absl::Status status = WriteIndex(directory, summary, rows); !status.ok()) return status;
  return summary;
}

MessageFile::MessageFile(std::unique_ptr<std::ifstream> file)
    : file_(std::move(file)),
      stream_(std::make_unique<google::protobuf::io::IstreamInputStream>(file_.get())) {}

absl::StatusOr<MessageFile> MessageFile::Open(const fs::path& path) {
  auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!file->good()) {
    return absl::NotFoundError(fmt::format("cannot read {}", path.filename().string()));
  }
  return MessageFile(std::move(file));
}

absl::StatusOr<bool> MessageFile::Next(google::protobuf::MessageLite& message) {
  message.Clear();
  bool at_end = false;
  if (google::protobuf::util::ParseDelimitedFromZeroCopyStream(&message, stream_.get(), &at_end)) {
    return true;
  }
  if (at_end) return false;
  return absl::DataLossError("a file of rows is cut or is none");
}

absl::StatusOr<NationFiles> NationFiles::Open(const fs::path& directory) {
  const std::ifstream file(directory / "nation.json", std::ios::binary);
  if (!file.good()) return absl::NotFoundError("no nation in this directory");
  std::ostringstream text;
  text << file.rdbuf();
  absl::StatusOr<NationSummary> summary = ParseNationJson(text.str());
  if (!summary.ok()) return summary.status();
  return NationFiles(directory, *std::move(summary));
}

absl::StatusOr<MessageFile> NationFiles::Feed(std::string_view insurer_number) const {
  return MessageFile::Open(RowsPath(directory_, kFeeds, insurer_number));
}

absl::StatusOr<MessageFile> NationFiles::Receipts(std::string_view reviewer_number) const {
  return MessageFile::Open(RowsPath(directory_, kReceipts, reviewer_number));
}

absl::StatusOr<MessageFile> NationFiles::HealthChecks(std::string_view insurer_number) const {
  return MessageFile::Open(RowsPath(directory_, kHealthChecks, insurer_number));
}

absl::Status NationFiles::ForEachCardLink(
    std::span<const std::string, kCardGenerations> issuer_key_ids,
    const std::function<absl::Status(v1::CardLink&)>& sink) const {
  absl::StatusOr<MessageFile> file = MessageFile::Open(directory_ / "card_links.rows");
  if (!file.ok()) return file.status();
  const auto replace = [&](std::string* id) {
    if (id->size() != 1) return false;
    const int generation = id->front();
    if (generation < 1 || generation > kCardGenerations) return false;
    *id = issuer_key_ids[static_cast<size_t>(generation - 1)];
    return true;
  };
  v1::CardLink link;
  while (true) {
    const absl::StatusOr<bool> more = file->Next(link);
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    const bool replaces = !link.replaces_serial().empty();
    if (!replace(link.mutable_issuer_key_id()) ||
        (replaces && !replace(link.mutable_replaces_issuer_key_id()))) {
      return absl::DataLossError("a card link names no generation");
    }
    if (absl::Status status = sink(link); !status.ok()) return status;
  }
}

}  // namespace kakunin::synth
