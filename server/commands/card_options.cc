#include "server/commands/card_options.h"

#include "auth/encoding.h"
#include "auth/private_key.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/enum_option.h"
#include "server/text_file.h"

namespace kakunin {
namespace {

// The DER of a file in PEM or DER.
std::string ReadCertificate(const std::string& name, const std::string& path) {
  std::string text = OrFail(name, ReadTextFile(path));
  if (auto der = auth::PemDecode("CERTIFICATE", text)) return *std::move(der);
  return text;
}

}  // namespace

void AddCardOptions(CLI::App& command, CardOptions& options) {
  command
      .add_option("--card-certificate", options.certificate_file,
                  "The card's user-authentication certificate (PEM or DER)")
      ->required();
  command.add_option("--card-key", options.key_file, "The card's key (PEM, mode 0600)")->required();
  AddEnumOption<v1::HolderVerification>(command, "--verification", options.verification,
                                        "HOLDER_VERIFICATION_", "How the holder was verified");
}

SignedChallenge ActByCard(const std::string& name, const std::shared_ptr<grpc::Channel>& channel,
                          const TerminalOptions& terminal, const CardOptions& card,
                          v1::CardPurpose purpose) {
  const auth::PrivateKey key = OrFail(name, auth::PrivateKey::Load(card.key_file));
  std::string certificate = ReadCertificate(name, card.certificate_file);
  v1::BeginCardAuthenticationRequest begin;
  begin.set_purpose(purpose);
  begin.set_form_of_care(static_cast<v1::FormOfCare>(terminal.form_of_care));
  v1::BeginCardAuthenticationResponse challenge;
  const auto context = TerminalContext(terminal);
  const grpc::Status status = v1::EligibilityService::NewStub(channel)->BeginCardAuthentication(
      context.get(), begin, &challenge);
  if (!status.ok()) FailCall(terminal.client, status);
  // A real card signs behind its PIN; here the key is a file of the sandbox.
  return {.challenge_id = challenge.challenge_id(),
          .certificate = std::move(certificate),
          .signature = key.Sign(challenge.to_be_signed())};
}

}  // namespace kakunin
