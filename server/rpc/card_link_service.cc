#include "server/rpc/card_link_service.h"

#include <string>
#include <vector>

#include "kakunin/v1/card_link_service.grpc.pb.h"
#include "server/rpc/fields.h"
#include "server/rpc/write_call.h"
#include "server/usecases/feed_keys.h"
#include "server/usecases/push_card_links.h"

namespace kakunin {
namespace {

constexpr char kPushCardLinks[] = "/kakunin.v1.CardLinkService/PushCardLinks";
constexpr size_t kKeyIdOctets = 32;
constexpr size_t kMostSerialOctets = 20;  // RFC 5280 4.1.2.2

// A serial in its one form: big-endian, no leading zero octet.
bool ReadSerial(FieldErrors& errors, const std::string& field, const std::string& serial) {
  if (!RequiredOctets(errors, field, serial, 1, kMostSerialOctets)) return false;
  if (serial.front() != '\0') return true;
  errors.Add(field, kFieldMalformed);
  return false;
}

CardLinkRow ReadLink(FieldErrors& errors, int index, const v1::CardLink& link,
                     const auth::HmacKey& key) {
  const auto at = [&](std::string_view field) { return FieldAt("links", index, field); };
  CardLinkRow row{.issuer_key_id = link.issuer_key_id(),
                  .serial = link.serial(),
                  .medium = link.medium(),
                  .replaces_issuer_key_id = link.replaces_issuer_key_id(),
                  .replaces_serial = link.replaces_serial()};
  RequiredOctets(errors, at("issuer_key_id"), link.issuer_key_id(), kKeyIdOctets, kKeyIdOctets);
  ReadSerial(errors, at("serial"), link.serial());
  RequiredEnum<v1::CardMedium>(errors, at("medium"), link.medium());
  if (!row.replaces_issuer_key_id.empty() || !row.replaces_serial.empty()) {
    RequiredOctets(errors, at("replaces_issuer_key_id"), row.replaces_issuer_key_id, kKeyIdOctets,
                   kKeyIdOctets);
    ReadSerial(errors, at("replaces_serial"), row.replaces_serial);
    if (row.replaces_issuer_key_id == row.issuer_key_id && row.replaces_serial == row.serial) {
      errors.Add(at("replaces_serial"), "カード自身を置き換えることはできません。");
    }
  }
  const auto number = IndividualNumber::Parse(link.individual_number());
  if (link.individual_number().empty()) {
    errors.Add(at("individual_number"), kFieldMissing);
  } else if (!number || !number->HasValidCheckDigit()) {
    errors.Add(at("individual_number"), "桁数または検査用数字が正しくありません。");
  } else {
    row.individual = HashOf(key, *number);
  }
  return row;
}

class CardLinkService final : public v1::CardLinkService::Service {
 public:
  explicit CardLinkService(const CardLinkBackend& backend) : backend_(backend) {}

  grpc::Status PushCardLinks(grpc::ServerContext* context, const v1::PushCardLinksRequest* request,
                             v1::PushCardLinksResponse* response) override {
    // The library hands its own, mutable message over as const; ours are the only eyes on it, and
    // the numbers must not outlive the call whatever comes of it.
    auto& own = const_cast<v1::PushCardLinksRequest&>(*request);
    grpc::Status status = backend_.dispatch.Serve(
        context, kPushCardLinks, [&](const Call& call) { return Push(call, own, *response); });
    WipeNumbers(own);
    return status;
  }

 private:
  static void WipeNumbers(v1::PushCardLinksRequest& request) {
    for (v1::CardLink& link : *request.mutable_links()) Wipe(*link.mutable_individual_number());
  }

  absl::Status Push(const Call& call, v1::PushCardLinksRequest& request,
                    v1::PushCardLinksResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    if (request.links().empty()) errors.Add("links", kFieldMissing);
    if (request.links_size() > kMostCardLinks) {
      errors.Add("links", "一度に送れるのは5,000件までです。");
      return errors.ToStatus();
    }
    const WriteCall write =
        WriteCallOf(call, backend_.audit_key, request, id.value_or(RequestId{}));
    std::vector<CardLinkRow> rows;
    rows.reserve(request.links_size());
    for (int i = 0; i < request.links_size(); ++i) {
      rows.push_back(ReadLink(errors, i, request.links(i), backend_.individual_number_key));
    }
    WipeNumbers(request);
    RETURN_IF_ERROR(errors.ToStatus());

    ASSIGN_OR_RETURN(const std::string answer,
                     AdministrativeWrite(
                         backend_.database, backend_.requests, write,
                         [&](Transaction& tx, AuditRecord& record) {
                           return kakunin::PushCardLinks(tx, record, backend_.links, rows);
                         },
                         [](const CardLinkCounts& counts, const AuditId&) {
                           v1::PushCardLinksResponse made;
                           made.set_linked(counts.linked);
                           made.set_superseded(counts.superseded);
                           made.set_unchanged(counts.unchanged);
                           return made.SerializeAsString();
                         }));
    return response.ParseFromString(answer) ? absl::OkStatus() : MakeError(Reason::kInternal);
  }

  const CardLinkBackend backend_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCardLinkService(const CardLinkBackend& backend) {
  return std::make_unique<CardLinkService>(backend);
}

}  // namespace kakunin
