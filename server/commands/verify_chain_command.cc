#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "domain/error.h"
#include "server/clock.h"
#include "server/commands/chain_question.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"

namespace kakunin {
namespace {

constexpr char kName[] = "verify-chain";
constexpr char kFooter[] =
    "Runs the code that the server runs. jpki is the patient card's verifier, without a "
    "challenge;\n"
    "rfc5280 the general one, by which a listener behind a proxy judges again, without "
    "revocation,\n"
    "the certificates that the proxy hands on. No CRL and no\n"
    "--no-revocation is \"unavailable\". Prints {\"verdict\":\"accept|grace|reject|unavailable\",\n"
    "\"reason\":\"...\"}; exit code 0 whatever the verdict. --batch reads one object a line with "
    "the\n"
    "members id, anchors, chain, crls (arrays of base64 DER), no_revocation, time, policies,\n"
    "require_explicit_policy, inhibit_mapping, inhibit_any, profile, and answers in that order; a\n"
    "line that is no question is rejected with reason QUESTION_MALFORMED.\n"
    "Examples:\n"
    "  kakunin verify-chain --anchor root.pem --chain card.pem --crl city.crl\n"
    "  kakunin verify-chain --profile rfc5280 --anchor root.der --chain issuing.der"
    " --chain terminal.der --no-revocation --time 2026-11-21T09:00:00+09:00\n"
    "  kakunin verify-chain --batch < questions.jsonl\n";

struct Options {
  std::vector<std::string> anchors;
  std::vector<std::string> chain;
  std::vector<std::string> crls;
  std::vector<std::string> policies;
  std::string time;
  std::string profile = "jpki";
  bool no_revocation = false;
  bool require_explicit_policy = false;
  bool inhibit_mapping = false;
  bool inhibit_any = false;
  bool batch = false;
};

std::vector<std::string> ReadAll(const std::vector<std::string>& files, const char* label) {
  std::vector<std::string> ders;
  for (const std::string& file : files) {
    for (std::string& der : DersIn(OrFail(kName, ReadChainFile(file)), label)) {
      ders.push_back(std::move(der));
    }
  }
  return ders;
}

// Used ends with exit code 2 where a flag's value is none.
void Used(const char* flag, const absl::Status& status) {
  if (!status.ok()) throw CLI::ValidationError(flag, std::string(status.message()));
}

void AskOne(const Options& options, absl::Time now) {
  if (options.chain.empty()) throw CLI::RequiredError("--chain or --batch");
  AskedChain asked;
  const auto profile = ChainProfileNamed(options.profile);
  Used("--profile", profile.status());
  asked.profile = *profile;
  auth::ChainQuestion& question = asked.question;
  Used("--policy", SetPolicies(options.policies, question));
  question.time = now;
  if (!options.time.empty() &&
      !absl::ParseTime(absl::RFC3339_full, options.time, &question.time, nullptr)) {
    throw CLI::ValidationError("--time", "write RFC 3339, such as 2026-11-21T09:00:00+09:00");
  }
  question.anchors = ReadAll(options.anchors, "CERTIFICATE");
  question.chain = ReadAll(options.chain, "CERTIFICATE");
  question.crls = ReadAll(options.crls, "X509 CRL");
  question.check_revocation = !options.no_revocation;
  question.require_explicit_policy = options.require_explicit_policy;
  question.inhibit_mapping = options.inhibit_mapping;
  question.inhibit_any = options.inhibit_any;
  fmt::print("{{{}}}\n", JudgeChain(asked));
}

void AskBatch(absl::Time now) {
  std::string id;
  for (std::string line; std::getline(std::cin, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto asked = ChainFromJson(line, now, id);
    const std::string answer = asked.ok()
                                   ? JudgeChain(*asked)
                                   : "\"verdict\":\"reject\",\"reason\":\"QUESTION_MALFORMED\"";
    if (!asked.ok()) fmt::print(stderr, "{}: {}\n", kName, std::string(asked.status().message()));
    fmt::print("{{\"id\":{},{}}}\n", id, answer);
    std::fflush(stdout);
  }
}

}  // namespace

void AddVerifyChainCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(kName, "Judge a certificate as the server would");
  const auto options = std::make_shared<Options>();
  command->add_option("--anchor", options->anchors, "Trusted certificate, DER or PEM (repeatable)")
      ->type_name("FILE");
  command
      ->add_option(
          "--chain", options->chain,
          "Certificate, DER or PEM; root side first, the one in question last (repeatable)")
      ->type_name("FILE");
  command->add_option("--crl", options->crls, "CRL, DER or PEM (repeatable)")->type_name("FILE");
  command->add_flag("--no-revocation", options->no_revocation, "Do not ask for revocation");
  command->add_option("--time", options->time, "Instant of the verdict (default: now)")
      ->type_name("RFC3339");
  command
      ->add_option("--policy", options->policies,
                   "Accepted policy (repeatable); any: no requirement")
      ->type_name("OID");
  command->add_flag("--require-explicit-policy", options->require_explicit_policy,
                    "rfc5280: the path must be valid for a policy");
  command->add_flag("--inhibit-mapping", options->inhibit_mapping, "rfc5280: no policy mapping");
  command->add_flag("--inhibit-any", options->inhibit_any, "rfc5280: anyPolicy counts for nothing");
  command->add_option("--profile", options->profile, "jpki or rfc5280")->capture_default_str();
  command->add_flag("--batch", options->batch, "Read questions from standard input, JSON a line");
  command->footer(kFooter);
  command->callback([options] {
    const absl::Time now = SystemClock().Now();
    if (options->batch) {
      AskBatch(now);
    } else {
      AskOne(*options, now);
    }
  });
}

}  // namespace kakunin
