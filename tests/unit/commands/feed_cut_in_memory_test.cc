// A feed of 64 kB, cut anywhere: the sender's window, the reader of delimited chunks and the
// server's rules, joined by a wire that is a string.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>

#include "server/commands/chunk_window.h"
#include "server/feed_input/delimited_reader.h"
#include "server/rpc/convert_feed.h"
#include "server/rpc/write_call.h"
#include "server/usecases/feed_intake.h"
#include "tests/support/memory_feed_store.h"
#include "tests/support/octets_in_parts.h"
#include "tests/support/test_seed.h"
#include "tests/unit/usecases/memory_stores.h"

namespace kakunin {
namespace {

constexpr char kInsurer[] = "06139463";
constexpr size_t kOctets = 64 << 10;

const auth::HmacKey kNumberKey("number key of the test ........", "n");
const auth::HmacKey kLookUpKey("look-up key of the test .......", "l");
const auth::HmacKey kAuditKey("audit key of the test .........", "a");
const FeedKeys kKeys{kNumberKey, kLookUpKey, kAuditKey};

std::string Repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// Large rows: what costs is their number, what is cut are their octets.
v1::CoverageRow LargeRow(int number) {
  v1::CoverageRow row;
  row.set_action(v1::ROW_ACTION_NEW);
  row.set_coverage_reference("R" + std::to_string(number));
  row.set_card_classification(v1::CARD_CLASSIFICATION_GENERAL);
  row.set_symbol("1234");
  row.set_number(std::to_string(number));
  row.set_sex(v1::SEX_MALE);
  row.mutable_birth_date()->set_year(1970);
  row.mutable_birth_date()->set_month(1);
  row.mutable_birth_date()->set_day(number % 28 + 1);
  *row.mutable_qualification_date() = row.birth_date();
  for (v1::RawName* name :
       {row.mutable_name(), row.mutable_insured_name(), row.mutable_other_name()}) {
    name->set_original(Repeated("A", 200));
    name->set_kana(Repeated("K", 200));
  }
  row.set_address(Repeated("1-2 ", 75));
  return row;
}

void AppendDelimited(const google::protobuf::Message& message, std::string& wire) {
  const std::string octets = message.SerializeAsString();
  for (size_t length = octets.size();; length >>= 7) {
    wire += static_cast<char>(length >= 0x80 ? (length & 0x7F) | 0x80 : length);
    if (length < 0x80) break;
  }
  wire += octets;
}

// The rows as a party's file of messages: read by the chunk parser, too.
std::string FileOf64Kilobytes() {
  std::string file;
  for (int number = 1; file.size() < kOctets; ++number) AppendDelimited(LargeRow(number), file);
  return file;
}

// Server is the receiving half: what PushRows does with a message, on stores in memory.
class Server {
 public:
  // The chunk that it expects next, as BeginFeed tells it.
  int64_t Begin() {
    FeedRow feed;
    (void)database_.Write({}, [&](Transaction& tx) {
      AuditRecord record;
      const FeedId id = FeedIdOf(kKeys, kInsurer, FeedKind::kCoverages, 1, {});
      feed = *BeginFeed(tx, record, feeds_, ActorKind::kInsurer, kInsurer, FeedKind::kCoverages, 1,
                        id);
      return absl::OkStatus();
    });
    id_ = feed.id;
    return feed.next_chunk;
  }

  // Takes whatever whole chunks a connection brought; returns their receipts.
  std::vector<int64_t> Take(std::string_view wire) {
    DelimitedReader reader(OctetsInParts(std::string(wire)));
    std::vector<int64_t> receipts;
    std::string_view octets;
    for (;;) {
      const auto more = reader.Next(octets);
      if (!more.ok() || !*more) return receipts;  // the rest of a chunk never comes
      v1::PushRowsRequest request;
      EXPECT_TRUE(request.ParseFromArray(octets.data(), static_cast<int>(octets.size())));
      Chunk chunk{.feed = id_, .number = request.chunk_number()};
      chunk.digest = KeyedDigest(kAuditKey, request);
      chunk.told_rows = request.row_count();
      auto& rows = chunk.rows.emplace<std::vector<IncomingCoverage>>();
      for (v1::CoverageRow& row : *request.mutable_coverages()) {
        rows.push_back(ReadCoverageRow(row));
      }
      const auto receipt = TakeChunk(database_, feeds_, registry_, kKeys, call_, std::move(chunk));
      EXPECT_TRUE(receipt.ok()) << receipt.status();
      if (receipt.ok()) receipts.push_back(receipt->number);
    }
  }

  // What there is in the end: every row once, in order, and the chunks' digests.
  std::string Stored() {
    const MemoryFeedStore::Kept& kept = feeds_.feeds.at(id_);
    std::string stored = std::to_string(kept.row.next_chunk) + ' ' +
                         std::to_string(kept.row.row_count) + ' ' + std::to_string(kept.staged);
    for (const StagedCoverage& row : kept.rows) stored += ' ' + row.record.coverage_reference;
    for (const auto& [number, chunk] : kept.chunks) {
      stored.append(chunk.digest.begin(), chunk.digest.end());
    }
    for (const Finding& finding : kept.findings) stored += ' ' + finding.reference;
    return stored;
  }

 private:
  MemoryDatabase database_;
  MemoryFeedStore feeds_;
  MemoryRegistry registry_;
  FeedId id_;
  const WriteCall call_{.operation = Operation::kPushRows,
                        .actor_kind = ActorKind::kInsurer,
                        .actor = kInsurer,
                        .at = absl::FromUnixSeconds(1'800'000'000)};
};

class FeedCutInMemory : public testing::Test {
 protected:
  FeedChunks Open() const {
    return FeedChunks(v1::FEED_KIND_COVERAGES, ReadProtobufRows(OctetsInParts(file_)),
                      {.most_rows = 2});
  }

  // One connection: the sender writes until the window is full, and takes `receipts` of what comes
  // back; the wire breaks after `cut` octets in all. Returns how many octets went.
  size_t Connect(ChunkWindow& window, Server& server, size_t cut, size_t lost_receipts) const {
    EXPECT_TRUE(window.Resume(server.Begin()).ok());
    size_t gone = 0;
    for (;;) {
      std::string wire;
      for (auto chunk = window.ToSend(); *chunk != nullptr; chunk = window.ToSend()) {
        AppendDelimited(**chunk, wire);
      }
      if (wire.empty() && window.under_way() == 0) return gone;
      const bool broken = gone + wire.size() > cut;
      if (broken) wire.resize(cut - gone);
      gone += wire.size();
      const std::vector<int64_t> receipts = server.Take(wire);
      const size_t heard =
          broken ? receipts.size() - std::min(receipts.size(), lost_receipts) : receipts.size();
      for (size_t i = 0; i < heard; ++i) EXPECT_TRUE(window.Acknowledge(receipts[i]).ok());
      if (broken) return gone;
    }
  }

  const std::string file_ = FileOf64Kilobytes();
};

// What a cut leaves half is as if it had never been sent, at every octet of every chunk.
TEST_F(FeedCutInMemory, AtEveryOctetAChunkIsThereAsAWholeOrNotAtAll) {
  Server server;
  ChunkWindow window([this]() -> absl::StatusOr<FeedChunks> { return Open(); }, 1);
  ASSERT_TRUE(window.Resume(server.Begin()).ok());
  size_t octets = 0;
  for (auto chunk = window.ToSend(); *chunk != nullptr; chunk = window.ToSend()) {
    std::string wire;
    AppendDelimited(**chunk, wire);
    const std::string before = server.Stored();
    for (size_t cut = 0; cut < wire.size(); ++cut) {
      ASSERT_TRUE(server.Take(std::string_view(wire).substr(0, cut)).empty()) << cut;
      ASSERT_EQ(server.Stored(), before) << cut;
    }
    const int64_t number = (*chunk)->chunk_number();
    ASSERT_EQ(server.Take(wire), std::vector<int64_t>{number});
    ASSERT_EQ(server.Begin(), number + 1);
    ASSERT_TRUE(window.Acknowledge(number).ok());
    octets += wire.size();
  }
  EXPECT_GE(octets, kOctets);
}

// Two connections: cut after an octet with up to three receipts lost, and then to the end. Every
// chunk boundary with its neighbours, and every so many octets between; KAKUNIN_SEED moves these.
// KAKUNIN_LONG: every octet.
TEST_F(FeedCutInMemory, ResumedEveryRowIsStoredOnce) {
  SCOPED_TRACE(SeedTrace());
  Server uncut;
  ChunkWindow whole([this]() -> absl::StatusOr<FeedChunks> { return Open(); }, 3);
  const size_t octets = Connect(whole, uncut, SIZE_MAX, 0);
  const std::string stored = uncut.Stored();
  ASSERT_GE(octets, kOctets);

  std::set<size_t> cuts;
  FeedChunks chunks = Open();
  v1::PushRowsRequest chunk;
  for (size_t end = 0; *chunks.Next(chunk);) {
    std::string wire;
    AppendDelimited(chunk, wire);
    end += wire.size();
    cuts.insert({end - 1, end, end + 1});
  }
  const size_t stride = std::getenv("KAKUNIN_LONG") != nullptr ? 1 : 17;
  for (size_t cut = TestSeed() % stride; cut < octets; cut += stride) cuts.insert(cut);
  for (const size_t cut : cuts) {
    for (const size_t lost_receipts : {size_t{0}, cut % 3 + 1}) {
      Server server;
      ChunkWindow window([this]() -> absl::StatusOr<FeedChunks> { return Open(); }, 3);
      Connect(window, server, cut, lost_receipts);
      Connect(window, server, SIZE_MAX, 0);
      ASSERT_EQ(server.Stored(), stored) << cut << ", " << lost_receipts << " receipts lost";
    }
  }
}

TEST_F(FeedCutInMemory, AFileThatEndsTooEarlyIsTakenForAWholeOneAtARowsEndAlone) {
  DelimitedReader whole{OctetsInParts(file_)};
  std::string_view message;
  std::vector<size_t> ends{0};
  while (*whole.Next(message)) ends.push_back(ends.back() + message.size() + 2);
  ASSERT_EQ(ends.back(), file_.size());
  for (size_t end = 0; end <= file_.size(); ++end) {
    DelimitedReader reader{OctetsInParts(file_.substr(0, end))};
    absl::StatusOr<bool> more = true;
    while (more.ok() && *more) more = reader.Next(message);
    const bool at_end = std::binary_search(ends.begin(), ends.end(), end);
    ASSERT_EQ(more.ok(), at_end) << end;
  }
}

}  // namespace
}  // namespace kakunin
