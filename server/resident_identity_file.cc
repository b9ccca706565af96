#include "server/resident_identity_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "auth/key_file.h"
#include "domain/text/identity_spelling.h"
#include "domain/text/individual_number.h"
#include "server/usecases/feed_keys.h"

namespace kakunin {
namespace {

constexpr size_t kMostOctets = size_t{2} << 30;
constexpr size_t kFields = 8;
constexpr std::string_view kHeader =
    "individual_number,name,name_kana,other_name,other_name_kana,birth_date,sex,address";

using Fields = std::array<std::string_view, kFields>;

std::optional<Fields> FieldsOf(std::string_view line) {
  Fields fields;
  for (size_t i = 0; i < kFields; ++i) {
    const size_t end = i + 1 < kFields ? line.find(',') : line.size();
    if (end == std::string_view::npos) return std::nullopt;
    fields[i] = line.substr(0, end);
    line.remove_prefix(std::min(line.size(), end + 1));
  }
  return fields.back().find_first_of(",\"") == std::string_view::npos ? std::optional(fields)
                                                                      : std::nullopt;
}

std::optional<ResidentIdentity> IdentityOf(const Fields& fields) {
  ResidentIdentity identity{.name = {std::string(fields[1]), std::string(fields[2])},
                            .other_name = {std::string(fields[3]), std::string(fields[4])},
                            .address = std::string(fields[7])};
  if (!absl::ParseCivilTime({fields[5].data(), fields[5].size()}, &identity.birth_date)) {
    return std::nullopt;
  }
  if (fields[6] == "male") {
    identity.sex = Sex::kMale;
  } else if (fields[6] == "female") {
    identity.sex = Sex::kFemale;
  } else {
    return std::nullopt;
  }
  return identity;
}

// One hash a field, as it is compared.
using FieldHashes = std::array<uint64_t, kIdentityFieldCount>;

// Speller hashes what one field is spelled as. Many share a name, and households an address: each
// is spelled once.
class Speller {
 public:
  Speller(int field, std::optional<std::string> (*spell)(std::string_view))
      : field_(field), spell_(spell) {}

  uint64_t Hash(std::string_view text) {
    const auto [known, is_new] = known_.try_emplace(text, 0);
    if (is_new) known->second = absl::HashOf(field_, spell_(text));
    return known->second;
  }

 private:
  const int field_;
  std::optional<std::string> (*spell_)(std::string_view);
  absl::flat_hash_map<std::string_view, uint64_t> known_;
};

// The texts must outlive the object.
class FieldHasher {
 public:
  FieldHashes HashesOf(const Fields& fields) {
    return {name_.Hash(fields[1]), kana_.Hash(fields[2]), absl::HashOf(2, fields[5]),
            absl::HashOf(3, fields[6]), address_.Hash(fields[7])};
  }

 private:
  Speller name_{0, &SpellName};
  Speller kana_{1, &SpellKana};
  Speller address_{4, &SpellAddress};
};

// Marks everybody with whom somebody else has the four fields beside `left_out` in common.
void MarkDoubles(std::span<const FieldHashes> all, size_t left_out, std::vector<bool>& doubles) {
  std::vector<std::pair<uint64_t, uint32_t>> sums(all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    uint64_t sum = 0;
    for (size_t field = 0; field < all[i].size(); ++field) {
      if (field != left_out) sum += all[i][field];
    }
    sums[i] = {sum, static_cast<uint32_t>(i)};
  }
  std::sort(sums.begin(), sums.end());
  for (size_t i = 1; i < sums.size(); ++i) {
    if (sums[i].first != sums[i - 1].first) continue;
    doubles[sums[i].second] = true;
    doubles[sums[i - 1].second] = true;
  }
}

}  // namespace

struct ResidentIdentityFile::Residents {
  struct Entry {
    std::string_view line;  // of `content`
    bool has_double = false;
  };
  std::string content;  // without the numbers
  absl::flat_hash_map<Digest32, Entry> by_number;
};

ResidentIdentityFile::ResidentIdentityFile(std::filesystem::path path,
                                           const auth::HmacKey& individual_number)
    : path_(std::move(path)),
      individual_number_(individual_number),
      residents_(absl::FailedPreconditionError("not read yet")) {}

ResidentIdentityFile::~ResidentIdentityFile() = default;

absl::StatusOr<std::vector<std::optional<ResidentIdentity>>> ResidentIdentityFile::FindIdentities(
    std::span<const Digest32> numbers) {
  const absl::StatusOr<Snapshot> current = Current();
  if (!current.ok()) return current.status();
  std::vector<std::optional<ResidentIdentity>> found(numbers.size());
  const auto& by_number = (*current)->by_number;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const auto entry = by_number.find(numbers[i]);
    if (entry == by_number.end()) continue;
    found[i] = IdentityOf(*FieldsOf(entry->second.line));
    found[i]->has_double = entry->second.has_double;
  }
  return found;
}

absl::Status ResidentIdentityFile::Read() { return Current().status(); }

absl::StatusOr<ResidentIdentityFile::Snapshot> ResidentIdentityFile::Current() {
  const std::lock_guard lock(mutex_);
  if (const FileVersion now = FileVersionOf(path_); now != version_ || now.size < 0) {
    residents_ = ReadFile();
    version_ = now;
    count_.store(residents_.ok() ? static_cast<int64_t>((*residents_)->by_number.size()) : 0,
                 std::memory_order_relaxed);
  }
  return residents_;
}

absl::StatusOr<ResidentIdentityFile::Snapshot> ResidentIdentityFile::ReadFile() const {
  absl::StatusOr<std::string> content = auth::ReadPrivateFile(path_, kMostOctets);
  if (!content.ok()) return content.status();
  const auto residents = std::make_shared<Residents>();
  residents->content = *std::move(content);
  FieldHasher hasher;
  std::vector<FieldHashes> hashes;
  std::vector<Digest32> numbers;
  std::string& text = residents->content;
  int line_number = 1;
  for (size_t begin = 0; begin < text.size(); ++line_number) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line(text.data() + begin, end - begin);
    const auto fields = FieldsOf(line);
    bool right = line_number == 1 ? line == kHeader : fields.has_value();
    if (right && line_number > 1) {
      const auto number = IndividualNumber::Parse((*fields)[0]);
      const auto identity = IdentityOf(*fields);
      right = number && number->HasValidCheckDigit() && identity;
      if (right) {
        numbers.push_back(HashOf(individual_number_, *number).hash);
        hashes.push_back(hasher.HashesOf(*fields));
        right = residents->by_number.try_emplace(numbers.back(), Residents::Entry{line}).second;
      }
      std::fill_n(text.data() + begin, std::min(IndividualNumber::kLength, line.size()), '0');
    }
    if (!right) {
      std::fill(text.begin(), text.end(), '0');
      // Never the line itself: it holds an individual number.
      return absl::FailedPreconditionError(fmt::format(
          "{}:{}: the identities of residents are not as they must be, or name a number twice: see "
          "docs/operations.md",
          path_.string(), line_number));
    }
    begin = end + 1;
  }
  std::vector<bool> doubles(hashes.size());
  for (size_t field = 0; field < kIdentityFieldCount; ++field) {
    MarkDoubles(hashes, field, doubles);
  }
  for (size_t i = 0; i < numbers.size(); ++i) {
    residents->by_number.find(numbers[i])->second.has_double = doubles[i];
  }
  return Snapshot(residents);
}

}  // namespace kakunin
