// A build for those who serve real patients: nobody can sign with a synthetic card, whatever is
// configured.
#include "server/http/sandbox_wallet.h"

namespace kakunin {

std::string SandboxWallet::Cards() const { return "[]"; }

std::string SandboxWallet::Sign(std::string_view) { return R"({"refused":"NO_SUCH_CARD"})"; }

absl::StatusOr<std::unique_ptr<SandboxWallet>> MakeSandboxWallet(const std::filesystem::path&) {
  return absl::FailedPreconditionError(
      "[web] sandbox_cards: this build has no sandbox wallet; leave it out, or build with "
      "-DKAKUNIN_SANDBOX_WALLET=ON");
}

}  // namespace kakunin
