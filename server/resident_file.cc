#include "server/resident_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "auth/encoding.h"
#include "auth/key_file.h"
#include "auth/serial_number.h"

namespace kakunin {
namespace {

constexpr size_t kMostOctets = size_t{1} << 30;
constexpr size_t kKeyIdOctets = 32;
constexpr size_t kFields = 6;
constexpr std::string_view kHeader =
    "issuer_key_id,serial,medium,individual_number,replaces_issuer_key_id,replaces_serial";
constexpr std::string_view kMedia[] = {"card", "android", "iphone"};  // numbers of the API from 1

// Wiper overwrites a text that held individual numbers.
class Wiper {
 public:
  explicit Wiper(std::string& text) : text_(text) {}
  ~Wiper() {
    volatile char* octets = text_.data();
    for (size_t i = 0; i < text_.size(); ++i) octets[i] = 0;
  }
  Wiper(const Wiper&) = delete;
  Wiper& operator=(const Wiper&) = delete;

 private:
  std::string& text_;
};

std::optional<std::array<std::string_view, kFields>> FieldsOf(std::string_view line) {
  std::array<std::string_view, kFields> fields;
  for (size_t i = 0; i < kFields; ++i) {
    const size_t end = i + 1 < kFields ? line.find(',') : line.size();
    if (end == std::string_view::npos) return std::nullopt;
    fields[i] = line.substr(0, end);
    line.remove_prefix(std::min(line.size(), end + 1));
  }
  return fields.back().find(',') == std::string_view::npos ? std::optional(fields) : std::nullopt;
}

std::optional<CardCertificateId> IdOf(std::string_view issuer_key_id, std::string_view serial) {
  auto issuer = auth::HexDecode(issuer_key_id);
  auto number = auth::HexDecode(serial);
  if (!issuer || issuer->size() != kKeyIdOctets || !number || number->empty() ||
      number->size() > auth::SerialNumber::kMaxBytes || number->front() == 0) {
    return std::nullopt;
  }
  return CardCertificateId{*std::move(issuer), *std::move(number)};
}

}  // namespace

struct ResidentFile::Residents {
  using Key = std::pair<std::string, std::string>;
  absl::flat_hash_map<Key, CardHolder> holders;

  // Add reads one line; false when it is not as it must be.
  bool Add(std::string_view line) {
    const auto fields = FieldsOf(line);
    if (!fields) return false;
    const auto [issuer, serial, medium, number, old_issuer, old_serial] = *fields;
    auto card = IdOf(issuer, serial);
    const auto* kind = std::find(std::begin(kMedia), std::end(kMedia), medium);
    auto individual = IndividualNumber::Parse(number);
    if (!card || kind == std::end(kMedia) || !individual || !individual->HasValidCheckDigit()) {
      return false;
    }
    std::optional<CardCertificateId> replaces;
    if (!old_issuer.empty() || !old_serial.empty()) {
      replaces = IdOf(old_issuer, old_serial);
      const bool itself = replaces && replaces->issuer_key_id == card->issuer_key_id &&
                          replaces->serial == card->serial;
      if (!replaces || itself) return false;
    }
    CardHolder holder{.individual_number = *std::move(individual),
                      .medium = static_cast<int>(kind - std::begin(kMedia)) + 1,
                      .replaces = std::move(replaces)};
    return holders
        .try_emplace(Key(std::move(card->issuer_key_id), std::move(card->serial)),
                     std::move(holder))
        .second;
  }
};

ResidentFile::ResidentFile(std::filesystem::path path)
    : path_(std::move(path)), residents_(absl::FailedPreconditionError("not read yet")) {}

ResidentFile::~ResidentFile() = default;

absl::StatusOr<std::optional<CardHolder>> ResidentFile::FindHolder(const CardCertificateId& card) {
  if (const FileVersion now = FileVersionOf(path_); now != version_ || now.size < 0) {
    residents_ = Read();
    version_ = now;
  }
  if (!residents_.ok()) return residents_.status();
  const auto& holders = (*residents_)->holders;
  const auto found = holders.find(Residents::Key(card.issuer_key_id, card.serial));
  if (found == holders.end()) return std::optional<CardHolder>();
  const CardHolder& holder = found->second;
  return CardHolder{
      .individual_number = *IndividualNumber::Parse(holder.individual_number.Reveal()),
      .medium = holder.medium,
      .replaces = holder.replaces};
}

absl::StatusOr<std::unique_ptr<const ResidentFile::Residents>> ResidentFile::Read() const {
  absl::StatusOr<std::string> content = auth::ReadPrivateFile(path_, kMostOctets);
  if (!content.ok()) return content.status();
  const Wiper wiper(*content);
  auto residents = std::make_unique<Residents>();
  std::string_view left = *content;
  for (int line = 1; !left.empty(); ++line) {
    const size_t end = std::min(left.find('\n'), left.size());
    const std::string_view text = left.substr(0, end);
    left.remove_prefix(std::min(left.size(), end + 1));
    if (line == 1 ? text != kHeader : !residents->Add(text)) {
      // Never the line itself: it holds an individual number.
      return absl::FailedPreconditionError(fmt::format(
          "{}:{}: the register of residents is not as it must be, or names a card twice: see "
          "docs/operations.md",
          path_.string(), line));
    }
  }
  return residents;
}

}  // namespace kakunin
