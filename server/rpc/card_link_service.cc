#include "server/rpc/card_link_service.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "domain/civil_day.h"
#include "kakunin/v1/card_link_service.grpc.pb.h"
#include "server/rpc/convert_card_links.h"
#include "server/rpc/fields.h"
#include "server/rpc/individual_number_field.h"
#include "server/rpc/write_call.h"
#include "server/usecases/push_card_links.h"
#include "server/usecases/push_number_changes.h"

namespace kakunin {
namespace {

constexpr char kPushCardLinks[] = "/kakunin.v1.CardLinkService/PushCardLinks";
constexpr char kPushNumberChanges[] = "/kakunin.v1.CardLinkService/PushNumberChanges";

CardLinkRow ReadLink(FieldErrors& errors, int index, const v1::CardLink& link,
                     const auth::HmacKey& key) {
  const auto at = [&](std::string_view field) { return FieldAt("links", index, field); };
  CardLinkRow row{.issuer_key_id = link.issuer_key_id(),
                  .serial = link.serial(),
                  .medium = link.medium(),
                  .replaces_issuer_key_id = link.replaces_issuer_key_id(),
                  .replaces_serial = link.replaces_serial()};
  CheckCardLink(errors, at("") + ".", link);
  if (!row.replaces_serial.empty() && row.replaces_issuer_key_id == row.issuer_key_id &&
      row.replaces_serial == row.serial) {
    errors.Add(at("replaces_serial"), "カード自身を置き換えることはできません。");
  }
  row.individual =
      ReadIndividualNumber(errors, at("individual_number"), link.individual_number(), key);
  return row;
}

NumberChange ReadChange(FieldErrors& errors, int index, const v1::NumberChange& change,
                        const auth::HmacKey& key, absl::CivilDay today) {
  const auto at = [&](std::string_view field) { return FieldAt("changes", index, field); };
  NumberChange out;
  out.from = ReadIndividualNumber(errors, at("old_individual_number"),
                                  change.old_individual_number(), key);
  out.to = ReadIndividualNumber(errors, at("new_individual_number"), change.new_individual_number(),
                                key);
  if (!out.from.key_id.empty() && out.from.hash == out.to.hash) {
    errors.Add(at("new_individual_number"), "変更前の番号と同じです。");
  }
  if (const auto day = RequiredDay(errors, at("day"), change.day())) {
    out.day = *day;
    if (*day > today) errors.Add(at("day"), "未来の年月日は指定できません。");
  }
  return out;
}

v1::NumberChangeRefusal RefusalOf(NumberChangeOutcome outcome) {
  switch (outcome) {
    case NumberChangeOutcome::kTwoPersons:
      return v1::NUMBER_CHANGE_REFUSAL_TWO_PERSONS;
    case NumberChangeOutcome::kAlreadyReplaced:
      return v1::NUMBER_CHANGE_REFUSAL_ALREADY_REPLACED;
    case NumberChangeOutcome::kWouldReturn:
      return v1::NUMBER_CHANGE_REFUSAL_WOULD_RETURN;
    case NumberChangeOutcome::kChanged:
    case NumberChangeOutcome::kUnchanged:
      break;
  }
  return v1::NUMBER_CHANGE_REFUSAL_UNSPECIFIED;
}

v1::PushNumberChangesResponse AnswerOf(std::span<const NumberChangeOutcome> outcomes) {
  v1::PushNumberChangesResponse answer;
  answer.set_changed(std::ranges::count(outcomes, NumberChangeOutcome::kChanged));
  answer.set_unchanged(std::ranges::count(outcomes, NumberChangeOutcome::kUnchanged));
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const v1::NumberChangeRefusal refusal = RefusalOf(outcomes[i]);
    if (refusal == v1::NUMBER_CHANGE_REFUSAL_UNSPECIFIED) continue;
    v1::RefusedNumberChange& refused = *answer.add_refused();
    refused.set_index(static_cast<int32_t>(i));
    refused.set_refusal(refusal);
  }
  return answer;
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

  grpc::Status PushNumberChanges(grpc::ServerContext* context,
                                 const v1::PushNumberChangesRequest* request,
                                 v1::PushNumberChangesResponse* response) override {
    auto& own = const_cast<v1::PushNumberChangesRequest&>(*request);  // as above
    grpc::Status status = backend_.dispatch.Serve(
        context, kPushNumberChanges, [&](const Call& call) { return Push(call, own, *response); });
    WipeNumbers(own);
    return status;
  }

 private:
  static void WipeNumbers(v1::PushCardLinksRequest& request) {
    for (v1::CardLink& link : *request.mutable_links()) Wipe(*link.mutable_individual_number());
  }
  static void WipeNumbers(v1::PushNumberChangesRequest& request) {
    for (v1::NumberChange& change : *request.mutable_changes()) {
      Wipe(*change.mutable_old_individual_number());
      Wipe(*change.mutable_new_individual_number());
    }
  }

  absl::Status Push(const Call& call, v1::PushNumberChangesRequest& request,
                    v1::PushNumberChangesResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    if (request.changes().empty()) errors.Add("changes", kFieldMissing);
    if (request.changes_size() > kMostNumberChanges) {
      errors.Add("changes", "一度に送れるのは1,000件までです。");
      return errors.ToStatus();
    }
    const WriteCall write =
        WriteCallOf(call, backend_.audit_key, request, id.value_or(RequestId{}));
    std::vector<NumberChange> changes;
    changes.reserve(request.changes_size());
    for (int i = 0; i < request.changes_size(); ++i) {
      changes.push_back(ReadChange(errors, i, request.changes(i), backend_.individual_number_key,
                                   CivilDayAt(write.at)));
    }
    WipeNumbers(request);
    RETURN_IF_ERROR(errors.ToStatus());

    ASSIGN_OR_RETURN(const std::string answer,
                     AdministrativeWrite(
                         backend_.database, backend_.requests, write,
                         [&](Transaction& tx, AuditRecord& record) {
                           return kakunin::PushNumberChanges(tx, record, backend_.numbers, changes);
                         },
                         [](const std::vector<NumberChangeOutcome>& outcomes, const AuditId&) {
                           return AnswerOf(outcomes).SerializeAsString();
                         }));
    return response.ParseFromString(answer) ? absl::OkStatus() : MakeError(Reason::kInternal);
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
