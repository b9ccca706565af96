#pragma once

#include <string>

#include "CLI/CLI.hpp"
#include "kakunin/v1/eligibility_service.grpc.pb.h"
#include "server/commands/terminal_options.h"

namespace kakunin {

// CardOptions is what a card act takes: a card whose key is a file of the sandbox.
struct CardOptions {
  std::string certificate_file;
  std::string key_file;
  int verification = v1::HOLDER_VERIFICATION_PIN;
};

// AddCardOptions adds them.
void AddCardOptions(CLI::App& command, CardOptions& options);

// SignedChallenge is a challenge of the server as the card signed it.
struct SignedChallenge {
  std::string challenge_id;
  std::string certificate;  // DER
  std::string signature;
};

// ActByCard asks for a challenge of `purpose` and signs it. Ends the subcommand `name` when that
// fails, as OrFail and FailCall do.
SignedChallenge ActByCard(const std::string& name, const std::shared_ptr<grpc::Channel>& channel,
                          const TerminalOptions& terminal, const CardOptions& card,
                          v1::CardPurpose purpose);

}  // namespace kakunin
