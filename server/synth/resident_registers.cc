#include "server/synth/resident_registers.h"

#include <fmt/format.h>

#include <set>
#include <system_error>

#include "auth/encoding.h"
#include "server/synth/test_persons.h"

namespace kakunin::synth {
namespace {

namespace fs = std::filesystem;

constexpr char kIdentityHeader[] =
    "individual_number,name,name_kana,other_name,other_name_kana,birth_date,sex,address\n";
constexpr char kCardHeader[] =
    "issuer_key_id,serial,medium,individual_number,replaces_issuer_key_id,replaces_serial\n";

// An empty file that nobody else may read.
std::ofstream OpenPrivate(const fs::path& path) {
  std::error_code failure;
  fs::create_directories(path.parent_path(), failure);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, failure);
  if (failure) file.setstate(std::ios::failbit);
  return file;
}

absl::Status Close(std::ofstream& file, const fs::path& path) {
  file.close();
  if (file.good()) return absl::OkStatus();
  return absl::InternalError(
      fmt::format("cannot write {}: is the disk full?", path.filename().string()));
}

const char* MediumName(v1::CardMedium medium) {
  switch (medium) {
    case v1::CARD_MEDIUM_ANDROID:
      return "android";
    case v1::CARD_MEDIUM_IPHONE:
      return "iphone";
    default:
      return "card";
  }
}

}  // namespace

ResidentIdentityWriter::ResidentIdentityWriter(const fs::path& path)
    : path_(path), file_(OpenPrivate(path)) {
  file_ << kIdentityHeader;
}

void ResidentIdentityWriter::Take(const v1::CoverageRow& row) {
  if (row.individual_number() == last_number_) return;
  last_number_ = row.individual_number();
  const auto& born = row.birth_date();
  file_ << fmt::format("{},{},{},{},{},{:04}-{:02}-{:02},{},{}\n", row.individual_number(),
                       row.name().original(), row.name().kana(), row.other_name().original(),
                       row.other_name().kana(), born.year(), born.month(), born.day(),
                       row.sex() == v1::SEX_FEMALE ? "female" : "male", row.address());
}

absl::Status ResidentIdentityWriter::Finish() { return Close(file_, path_); }

absl::Status WriteResidentIdentities(const fs::path& path, const Nation& nation) {
  ResidentIdentityWriter writer(path);
  nation.ForEachRow([&](size_t, const v1::CoverageRow& row) { writer.Take(row); });
  return writer.Finish();
}

absl::Status WriteResidentCards(const fs::path& path, const Nation& nation,
                                std::span<const std::string, kCardGenerations> issuer_key_ids) {
  std::set<std::string> test_persons;
  for (const TestPerson& person : TestPersons(nation.options().today)) {
    test_persons.insert(person.individual_number);
  }
  const auto issuer = [&](int generation) {
    return auth::HexEncode(issuer_key_ids[static_cast<size_t>(generation - 1)]);
  };
  std::ofstream file = OpenPrivate(path);
  file << kCardHeader;
  nation.ForEachCard([&](const CardRecord& card, const std::string& individual_number) {
    if (test_persons.contains(individual_number)) return;
    const v1::CardLink link = CardLinkOf(card, individual_number);
    const bool replaces = card.replaces_serial != 0;
    file << fmt::format("{},{},{},{},{},{}\n", issuer(card.generation),
                        auth::HexEncode(link.serial()), MediumName(card.medium), individual_number,
                        replaces ? issuer(card.replaces_generation) : "",
                        auth::HexEncode(link.replaces_serial()));
  });
  return Close(file, path);
}

}  // namespace kakunin::synth
