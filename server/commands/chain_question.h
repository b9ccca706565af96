#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "auth/chain_verifier.h"

namespace kakunin {

// ChainProfile is which of the service's verifiers judges.
enum class ChainProfile { kJpki, kRfc5280 };

// AskedChain is one question of verify-chain.
struct AskedChain {
  ChainProfile profile = ChainProfile::kJpki;
  auth::ChainQuestion question;
};

// ChainProfileNamed reads "jpki" or "rfc5280"; else INVALID_ARGUMENT.
absl::StatusOr<ChainProfile> ChainProfileNamed(std::string_view name);

// SetPolicies takes OIDs, "any" among them for no requirement. INVALID_ARGUMENT for what is
// neither.
absl::Status SetPolicies(const std::vector<std::string>& policies, auth::ChainQuestion& question);

// kMostChainFileBytes bounds a file of certificates or a CRL; the largest city's CRL is a few MiB.
inline constexpr size_t kMostChainFileBytes = 16 << 20;

// ReadChainFile is a file's content. FAILED_PRECONDITION, naming the file, when it cannot be read,
// is a folder, or is above kMostChainFileBytes; no more than that is ever read.
absl::StatusOr<std::string> ReadChainFile(const std::string& file);

// DersIn is a file's content as DER: as it stands, or every PEM block of `label`. What is neither
// comes back as it stands, for the verifier to refuse.
std::vector<std::string> DersIn(std::string content, std::string_view label);

// ChainFromJson reads one object of a batch; `id_json` receives its id as JSON ("null" when there
// is none), also when the result is INVALID_ARGUMENT, which names the member and not its value.
absl::StatusOr<AskedChain> ChainFromJson(std::string_view line, absl::Time now,
                                         std::string& id_json);

// JudgeChain runs the verifier of the profile; verdict and reason as members of a JSON object.
std::string JudgeChain(const AskedChain& asked);

}  // namespace kakunin
