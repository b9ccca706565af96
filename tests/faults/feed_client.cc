#include "server/dev/feed_client.h"

#include <fmt/format.h>

#include "server/rpc/convert_date.h"
#include "server/synth/insurer_table.h"
#include "tests/faults/clients.h"

namespace kakunin::faults {
namespace {

std::string InsurerOf(const synth::TestPerson& person) {
  return synth::Insurers()[person.rows.at(0).insurer].number;
}

}  // namespace

FeedClient::FeedClient(const Surroundings& surroundings, synth::TestPerson person, uint64_t seed)
    : Client(surroundings, dev::InsurerName(InsurerOf(person)), seed),
      person_(std::move(person)),
      desk_(surroundings, {person_}, seed) {}

void FeedClient::Step() {
  const int64_t number = installation().next_feed();
  const bool lost = number % 2 == 0;
  v1::CoverageRow row = person_.rows.at(0).row;
  row.set_action(lost ? v1::ROW_ACTION_LOST : v1::ROW_ACTION_CHANGED);
  if (lost) {
    *row.mutable_disqualification_date() =
        DayToProto(installation().sandbox().sandbox().nation_day());
    row.set_reason_of_loss(v1::REASON_OF_LOSS_OTHER);
  }
  const dev::FeedToPush feed{
      .kind = v1::FEED_KIND_COVERAGES,
      .number = number,
      .source = [&row]() -> absl::StatusOr<dev::AddRow> {
        return dev::AddRow(
            [&row, told = false](v1::PushRowsRequest& chunk) mutable -> absl::StatusOr<bool> {
              if (told) return false;
              *chunk.add_coverages() = row;
              return told = true;
            });
      }};
  // The same number with the same rows is the same feed, however often it is sent.
  for (;;) {
    Call call = Ask(
        Act::kPushFeed,
        [&](grpc::ClientContext&) {
          const auto pushed = dev::PushFeed(Connection(&dev::SandboxPorts::insurer), feed);
          return dev::CallStatusOf(pushed.status());
        },
        nullptr, absl::Minutes(1));
    if (call.code != grpc::StatusCode::OK) Disconnect();
    call.insurer = InsurerOf(person_);
    call.feed_number = number;
    ledger().Add(call);
    if (call.code == grpc::StatusCode::OK) break;
    if (stopped()) return;
  }
  installation().FeedIsPublished();
  desk_.AskAbout(person_, lost ? v1::VALIDITY_INVALID : v1::VALIDITY_VALID);
}

}  // namespace kakunin::faults
