#include "server/commands/feed_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "domain/error.h"
#include "domain/text/normalise.h"
#include "server/commands/feed_columns.h"
#include "server/feed_input/csv_reader.h"
#include "server/feed_input/delimited_reader.h"
#include "server/feed_input/input_fault.h"

namespace kakunin {
namespace {

using google::protobuf::Message;

// Cells of a file.
constexpr int kMostUnmappable = 100;

class CsvRows final : public FeedRows {
 public:
  CsvRows(v1::FeedKind kind, TextEncoding encoding, OctetSource source)
      : type_(FeedRowType(kind)), encoding_(encoding), reader_(std::move(source)) {}

  absl::StatusOr<bool> Next(Message& row) override {
    if (!columns_) RETURN_IF_ERROR(ReadHeader());
    if (!ahead_) RETURN_IF_ERROR(ReadLine());
    if (!ahead_) return false;
    place_ = line_.number;
    do {
      RETURN_IF_ERROR(columns_->Fill(line_, row));
      RETURN_IF_ERROR(ReadLine());
    } while (ahead_ && columns_->Continues(line_));
    return true;
  }

  int64_t place() const override { return place_; }

 private:
  absl::Status ReadHeader() {
    RETURN_IF_ERROR(ReadLine());
    if (!ahead_) return InputFault({.line = 1}, "the file is empty: not even a line of names");
    ASSIGN_OR_RETURN(auto columns, FeedColumns::Read(type_, line_));
    columns_ = std::move(columns);
    ahead_ = false;
    return absl::OkStatus();
  }

  // Reads a line ahead. One of empty cells alone says as little as an empty one: spreadsheets leave
  // such behind the last row.
  absl::Status ReadLine() {
    do {
      RETURN_IF_ERROR(ReadRecord());
    } while (ahead_ && columns_ &&
             std::ranges::all_of(line_.cells, [](const std::string& c) { return c.empty(); }));
    return absl::OkStatus();
  }

  // Reads the next one, decoded. What is nothing but white space says nothing.
  absl::Status ReadRecord() {
    ASSIGN_OR_RETURN(ahead_, reader_.Next(record_));
    if (!ahead_) return absl::OkStatus();
    line_.number = record_.line;
    line_.cells.resize(record_.cells.size());
    for (size_t i = 0; i < record_.cells.size(); ++i) {
      auto cell = Decoded(encoding_, record_.cells[i]);
      // One such character in a name refuses its row, which the report tells; where there are many,
      // it is the file's encoding that is another one.
      if (!cell && columns_ && ++unmappable_ <= kMostUnmappable) cell = "\uFFFD";
      if (!cell) {
        return InputFault({.line = record_.line, .column = static_cast<int>(i) + 1},
                          fmt::format("octets that are no character of {}: save the file anew, or "
                                      "tell its --encoding",
                                      EncodingName(encoding_)));
      }
      if (TrimWhiteSpace(*cell).empty()) cell->clear();
      line_.cells[i] = *std::move(cell);
    }
    return absl::OkStatus();
  }

  const google::protobuf::Descriptor& type_;
  const TextEncoding encoding_;
  CsvReader reader_;
  CsvRecord record_;
  std::optional<FeedColumns> columns_;
  FeedLine line_;
  bool ahead_ = false;  // line_ is read and not yet used
  int unmappable_ = 0;  // cells
  int64_t place_ = 0;
};

class ProtobufRows final : public FeedRows {
 public:
  explicit ProtobufRows(OctetSource source) : reader_(std::move(source)) {}

  absl::StatusOr<bool> Next(Message& row) override {
    std::string_view octets;
    ASSIGN_OR_RETURN(const bool more, reader_.Next(octets));
    // What broke off while it was written, or before; a table at least has its line of names.
    if (!more && reader_.count() == 0) {
      return absl::InvalidArgumentError("the file is empty: not even one message");
    }
    if (!more) return false;
    if (row.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) return true;
    return absl::InvalidArgumentError(
        fmt::format("message {}: not a {}", reader_.count(), row.GetDescriptor()->name()));
  }

  int64_t place() const override { return reader_.count(); }

 private:
  DelimitedReader reader_;
};

}  // namespace

const google::protobuf::Descriptor& FeedRowType(v1::FeedKind kind) {
  switch (kind) {
    case v1::FEED_KIND_RECEIPTS:
      return *v1::ReceiptRow::descriptor();
    case v1::FEED_KIND_HEALTH_CHECKS:
      return *v1::HealthCheckRow::descriptor();
    case v1::FEED_KIND_ELDERLY_RECIPIENT_CERTIFICATES:
      return *v1::ElderlyRecipientCertificateRow::descriptor();
    case v1::FEED_KIND_LIMIT_CERTIFICATES:
      return *v1::LimitCertificateRow::descriptor();
    case v1::FEED_KIND_SPECIFIC_DISEASE_CERTIFICATES:
      return *v1::SpecificDiseaseCertificateRow::descriptor();
    case v1::FEED_KIND_CARD_LINKS:
      return *v1::CardLink::descriptor();
    default:
      return *v1::CoverageRow::descriptor();
  }
}

std::unique_ptr<FeedRows> ReadCsvRows(v1::FeedKind kind, TextEncoding encoding,
                                      OctetSource source) {
  return std::make_unique<CsvRows>(kind, encoding, std::move(source));
}

std::unique_ptr<FeedRows> ReadProtobufRows(OctetSource source) {
  return std::make_unique<ProtobufRows>(std::move(source));
}

}  // namespace kakunin
