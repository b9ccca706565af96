#include "server/commands/chain_question.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "auth/encoding.h"
#include "auth/oid.h"
#include "domain/error.h"

namespace kakunin {
namespace {

using nlohmann::json;

constexpr std::string_view kAnyPolicy = "any";

absl::Status Malformed(std::string_view member, std::string_view wanted) {
  return absl::InvalidArgumentError(fmt::format("{}: {}", member, wanted));
}

// Members of one object, taken one by one, so that what is left over can be refused: a misspelt
// `crls` must not become a question without revocation.
class Members {
 public:
  explicit Members(const json& object) : object_(object) {}

  absl::Status Ders(const char* name, std::vector<std::string>& ders) {
    const json* value = Take(name);
    if (value == nullptr) return absl::OkStatus();
    if (!value->is_array()) return Malformed(name, "an array of base64 texts");
    for (const json& one : *value) {
      const auto der =
          one.is_string() ? auth::Base64Decode(one.get_ref<const std::string&>()) : std::nullopt;
      if (!der) return Malformed(name, "an array of base64 texts");
      ders.push_back(*der);
    }
    return absl::OkStatus();
  }

  absl::Status Texts(const char* name, std::vector<std::string>& texts) {
    const json* value = Take(name);
    if (value == nullptr) return absl::OkStatus();
    const auto is_text = [](const json& one) { return one.is_string(); };
    if (!value->is_array() || !std::all_of(value->begin(), value->end(), is_text)) {
      return Malformed(name, "an array of texts");
    }
    texts = value->get<std::vector<std::string>>();
    return absl::OkStatus();
  }

  absl::Status Text(const char* name, std::string& text) {
    const json* value = Take(name);
    if (value == nullptr) return absl::OkStatus();
    if (!value->is_string()) return Malformed(name, "a text");
    text = value->get<std::string>();
    return absl::OkStatus();
  }

  absl::Status Flag(const char* name, bool& flag) {
    const json* value = Take(name);
    if (value == nullptr) return absl::OkStatus();
    if (!value->is_boolean()) return Malformed(name, "true or false");
    flag = value->get<bool>();
    return absl::OkStatus();
  }

  absl::Status NothingLeft() const {
    for (const auto& [name, value] : object_.items()) {
      if (!taken_.contains(name)) return absl::InvalidArgumentError("an unknown member");
    }
    return absl::OkStatus();
  }

  // Null is the same as absent.
  const json* Take(const char* name) {
    taken_.insert(name);
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

 private:
  const json& object_;
  std::set<std::string> taken_;
};

std::string_view Word(auth::VerdictKind kind) {
  switch (kind) {
    case auth::VerdictKind::kAccepted:
      return "accept";
    case auth::VerdictKind::kEligibilityOnly:
      return "grace";
    case auth::VerdictKind::kRejected:
      return "reject";
    case auth::VerdictKind::kUnavailable:
      return "unavailable";
  }
  return "reject";
}

}  // namespace

absl::StatusOr<ChainProfile> ChainProfileNamed(std::string_view name) {
  if (name == "jpki") return ChainProfile::kJpki;
  if (name == "rfc5280") return ChainProfile::kRfc5280;
  return Malformed("profile", "jpki or rfc5280");
}

absl::Status SetPolicies(const std::vector<std::string>& policies, auth::ChainQuestion& question) {
  for (const std::string& policy : policies) {
    if (policy != kAnyPolicy && !auth::EncodeOid(policy)) {
      return Malformed("policies", "dotted OIDs, or any");
    }
  }
  question.policies = policies;
  question.any_policy = std::erase(question.policies, kAnyPolicy) > 0;
  if (question.any_policy) question.policies.clear();
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadChainFile(const std::string& file) {
  std::error_code error;
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file, error)) {
    return absl::FailedPreconditionError(
        fmt::format("cannot read {}: name a file with a certificate or a CRL, PEM or DER", file));
  }
  std::string content;
  constexpr size_t kStep = 1 << 16;
  while (stream && content.size() <= kMostChainFileBytes) {
    const size_t held = content.size();
    content.resize(held + kStep);
    stream.read(content.data() + held, kStep);
    content.resize(held + static_cast<size_t>(stream.gcount()));
  }
  if (content.size() > kMostChainFileBytes) {
    return absl::FailedPreconditionError(
        fmt::format("{} is above {} MiB: no certificate and no CRL is that large", file,
                    kMostChainFileBytes >> 20));
  }
  return content;
}

std::vector<std::string> DersIn(std::string content, std::string_view label) {
  std::vector<std::string> ders;
  std::string_view rest = content;
  while (auto der = auth::PemDecode(label, rest, &rest)) ders.push_back(*std::move(der));
  if (ders.empty()) ders.push_back(std::move(content));
  return ders;
}

absl::StatusOr<AskedChain> ChainFromJson(std::string_view line, absl::Time now,
                                         std::string& id_json) {
  id_json = "null";
  const json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return absl::InvalidArgumentError("no JSON object");
  Members members(object);
  if (const json* id = members.Take("id")) {
    id_json = id->dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
  }
  AskedChain asked;
  auth::ChainQuestion& question = asked.question;
  std::vector<std::string> policies;
  std::string time;
  std::string profile = "jpki";
  bool no_revocation = false;
  RETURN_IF_ERROR(members.Ders("anchors", question.anchors));
  RETURN_IF_ERROR(members.Ders("chain", question.chain));
  RETURN_IF_ERROR(members.Ders("crls", question.crls));
  RETURN_IF_ERROR(members.Flag("no_revocation", no_revocation));
  RETURN_IF_ERROR(members.Text("time", time));
  RETURN_IF_ERROR(members.Texts("policies", policies));
  RETURN_IF_ERROR(members.Flag("require_explicit_policy", question.require_explicit_policy));
  RETURN_IF_ERROR(members.Flag("inhibit_mapping", question.inhibit_mapping));
  RETURN_IF_ERROR(members.Flag("inhibit_any", question.inhibit_any));
  RETURN_IF_ERROR(members.Text("profile", profile));
  RETURN_IF_ERROR(members.NothingLeft());
  question.check_revocation = !no_revocation;
  question.time = now;
  if (!time.empty() && !absl::ParseTime(absl::RFC3339_full, time, &question.time, nullptr)) {
    return Malformed("time", "RFC 3339");
  }
  RETURN_IF_ERROR(SetPolicies(policies, question));
  ASSIGN_OR_RETURN(asked.profile, ChainProfileNamed(profile));
  return asked;
}

std::string JudgeChain(const AskedChain& asked) {
  const auth::ChainVerdict verdict =
      asked.profile == ChainProfile::kJpki
          ? auth::VerifyCardChain(asked.question, auth::DefaultCardPolicy())
          : auth::VerifyChain(asked.question);
  return fmt::format("\"verdict\":\"{}\",\"reason\":\"{}\"", Word(verdict.kind), verdict.reason);
}

}  // namespace kakunin
