#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/dev/card_authorities.h"
#include "server/synth/nation.h"

namespace kakunin::bench {

// RequestList is many serialised messages in one piece of memory.
class RequestList {
 public:
  // Load reads a file of length-delimited messages. INTERNAL when it cannot be read.
  static absl::StatusOr<RequestList> Load(const std::filesystem::path& file);

  void Add(std::string_view octets);
  size_t size() const { return ends_.size(); }
  std::string_view operator[](size_t i) const;

 private:
  std::string octets_;
  std::vector<size_t> ends_;
};

// RequestFolder is where an installation's prepared requests lie.
class RequestFolder {
 public:
  explicit RequestFolder(const std::filesystem::path& installation)
      : folder_(installation / "requests") {}

  // ConfirmByInsuredNumber, one for each person of the nation whose answer is "valid".
  std::filesystem::path numbers() const { return folder_ / "numbers"; }
  // ConfirmByCard without challenge and signature, and the key of each, one a line.
  std::filesystem::path cards() const { return folder_ / "cards"; }
  std::filesystem::path card_keys() const { return folder_ / "card-keys"; }
  // PatientKey of everybody who agreed at the desk behind a channel; written by GiveConsents.
  std::filesystem::path patients(size_t channel) const {
    return folder_ / ("patients-" + std::to_string(channel));
  }

 private:
  std::filesystem::path folder_;
};

// CardHolder is a person for whom the answer must be 有効, with a valid card that leads there.
struct CardHolder {
  std::string individual_number;
  size_t insurer = 0;  // index of synth::Insurers()
  synth::CardRecord card;
};

// CardHolders finds up to `count` of them, spread over the whole nation.
std::vector<CardHolder> CardHolders(const synth::Nation& nation, int count);

// WriteNumberRequests and WriteCardRequests make those files for a nation: for whom the answer must
// be 有効, so that the client can tell a wrong one. INTERNAL when a file cannot be written.
absl::Status WriteNumberRequests(const RequestFolder& folder, const synth::Nation& nation);
absl::Status WriteCardRequests(const RequestFolder& folder, absl::CivilDay today,
                               const std::vector<CardHolder>& holders,
                               const dev::CardAuthorities& authorities);

// AppendDelimited puts a message behind its length, as RequestList reads it.
void AppendDelimited(const google::protobuf::MessageLite& message, std::string& file);

}  // namespace kakunin::bench
