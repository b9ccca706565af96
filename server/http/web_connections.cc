#include "server/http/web_connections.h"

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace kakunin {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Step = auth::WebConnection::Step;

// Of what is said behind the last request.
constexpr size_t kMostIgnored = 64 << 10;

std::string AddressOf(int socket) {
  sockaddr_storage peer{};
  socklen_t size = sizeof(peer);
  std::array<char, NI_MAXHOST> host{};
  auto* const name = reinterpret_cast<sockaddr*>(&peer);
  if (getpeername(socket, name, &size) != 0 ||
      getnameinfo(name, size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
    return "";
  }
  return host.data();
}

}  // namespace

// Peer is in one place at a time: received, with the thread that speaks TLS, or being answered.
struct WebConnections::Peer {
  enum class Does { kGreets, kIsSilent, kAsks, kAsked, kHears, kParts, kIsOver };

  AddressShares::Share share;  // until `tls` has closed the socket
  std::string address;
  std::unique_ptr<auth::WebConnection> tls;
  Instant until;  // of what it does
  Does does = Does::kGreets;
  int16_t awaited = POLLIN;
  int requests = 0;
  std::string asked = {};
  std::optional<WebRequest> request = {};
  Answered answer = {};
  size_t said = 0;  // of the answer
};

WebConnections::WebConnections(auth::WebTls& tls, const WebConnectionLimits& limits, Answer answer)
    : tls_(tls),
      limits_(limits),
      answer_(std::move(answer)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      shares_(limits.connections),
      arrivals_(limits.arrivals_of_address, limits.minute, limits.most_keys),
      block_arrivals_(limits.arrivals_of_block, limits.minute, limits.most_keys),
      pool_(limits.threads),
      thread_([this] { Run(); }) {}

WebConnections::~WebConnections() {
  Stop();
  close(wake_);
}

int64_t WebConnections::Refused() const {
  return shares_.Refused() + too_many_arrivals_.load(std::memory_order_relaxed);
}

bool WebConnections::Take(int socket) {
  const Instant now = steady_clock::now();
  std::string address = AddressOf(socket);
  if (!arrivals_.Take(AddressKey(address), now) || !block_arrivals_.Take(BlockKey(address), now)) {
    too_many_arrivals_.fetch_add(1, std::memory_order_relaxed);
    close(socket);
    return false;
  }
  std::optional<AddressShares::Share> share = shares_.Take(address);
  if (!share) {
    close(socket);
    return false;
  }
  std::unique_ptr<auth::WebConnection> tls = tls_.Connect(socket);
  if (tls == nullptr) return false;
  auto peer = std::make_shared<Peer>(Peer{.share = *std::move(share),
                                          .address = std::move(address),
                                          .tls = std::move(tls),
                                          .until = now + limits_.patience});
  {
    const std::lock_guard lock(mutex_);
    received_.push_back(std::move(peer));
  }
  Wake();
  return true;
}

void WebConnections::Wake() const {
  const uint64_t one = 1;
  // Fails only when it is awake already.
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
}

// Receive adds the new and the answered ones; false: it is over.
bool WebConnections::Receive(Peers& peers) {
  uint64_t drained = 0;
  [[maybe_unused]] const ssize_t got = read(wake_, &drained, sizeof(drained));
  const std::lock_guard lock(mutex_);
  std::ranges::move(received_, std::back_inserter(peers));
  received_.clear();
  if (!end_) return true;
  std::erase_if(peers, [](const auto& peer) {
    return peer->does != Peer::Does::kHears && peer->does != Peer::Does::kParts;
  });
  for (const auto& peer : peers) {
    peer->until = std::min(peer->until, *end_);
    peer->answer.last = true;
  }
  return !peers.empty() || under_answer_ > 0;
}

void WebConnections::Run() {
  Peers peers;
  std::vector<pollfd> waits;
  while (Receive(peers)) {
    waits.assign(1, {.fd = wake_, .events = POLLIN, .revents = 0});
    std::optional<Instant> first;
    for (const auto& peer : peers) {
      waits.push_back({.fd = peer->tls->socket(), .events = peer->awaited, .revents = 0});
      first = std::min(first.value_or(peer->until), peer->until);
    }
    int64_t left = -1;
    if (first) {
      left = std::chrono::ceil<milliseconds>(*first - steady_clock::now()).count();
      left = std::max<int64_t>(left, 0);
    }
    poll(waits.data(), waits.size(), static_cast<int>(left));

    Peers still;
    for (size_t i = 0; i < peers.size(); ++i) {
      Peer& peer = *peers[i];
      if (waits[i + 1].revents != 0) GoOn(peer);
      if (peer.does == Peer::Does::kAsked) {
        Hand(std::move(peers[i]));
      } else if (peer.does != Peer::Does::kIsOver && peer.until > steady_clock::now()) {
        still.push_back(std::move(peers[i]));
      }
    }
    peers = std::move(still);  // the others are closed
  }
}

// GoOn does what can be done without waiting.
void WebConnections::GoOn(Peer& peer) const {
  using Does = Peer::Does;
  for (;;) {
    Step step = Step::kDone;
    if (peer.does == Does::kGreets) {
      step = peer.tls->Handshake();
      if (step == Step::kDone) {
        peer.does = Does::kIsSilent;
        peer.until = steady_clock::now() + limits_.silence;
        continue;
      }
    } else if (peer.does == Does::kHears) {
      step = peer.tls->Write(peer.answer.octets, peer.said);
      if (step == Step::kDone) {
        if (peer.answer.last) peer.tls->SayGoodbye();
        peer.does = peer.answer.last ? Does::kParts : Does::kIsSilent;
        peer.until = steady_clock::now() + limits_.silence;
      }
    } else {
      step = peer.tls->Read(peer.asked);
    }
    if (step == Step::kAwaitsOctets || step == Step::kAwaitsRoom) {
      peer.awaited = step == Step::kAwaitsOctets ? POLLIN : POLLOUT;
      return;
    }
    const bool enough = peer.does == Does::kParts && peer.asked.size() > kMostIgnored;
    if (step == Step::kOver || enough) peer.does = Does::kIsOver;
    if (peer.does == Does::kIsOver) return;
    if (peer.does == Does::kIsSilent && !peer.asked.empty()) {
      peer.does = Does::kAsks;
      peer.until = steady_clock::now() + limits_.patience;
    }
    if (peer.does == Does::kAsks) {
      peer.request = TakeRequest(peer.asked);
      if (peer.request) {
        peer.does = Does::kAsked;
        return;
      }
    }
  }
}

void WebConnections::Hand(std::shared_ptr<Peer> peer) {
  {
    const std::lock_guard lock(mutex_);
    ++under_answer_;
  }
  peer->until = steady_clock::now() + limits_.patience;
  pool_.enqueue([this, peer = std::move(peer)]() mutable {
    peer->request->last |= ++peer->requests == kMostRequestsOfConnection;
    // Nobody waits for it any more: what would be done now, would be done unseen.
    peer->answer = IsLate(*peer) ? Answered{.octets = "", .last = true}
                                 : answer_(*peer->request, peer->address);
    peer->said = 0;
    peer->does = Peer::Does::kHears;
    peer->awaited = POLLOUT;
    peer->until = steady_clock::now() + limits_.patience;
    {
      const std::lock_guard lock(mutex_);
      --under_answer_;
      received_.push_back(std::move(peer));
    }
    Wake();
  });
}

bool WebConnections::IsLate(const Peer& peer) {
  const Instant now = steady_clock::now();
  const std::lock_guard lock(mutex_);
  return now >= peer.until || (end_ && now >= *end_);
}

void WebConnections::Stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    end_ = steady_clock::now() + limits_.silence;
  }
  Wake();
  thread_.join();
  pool_.shutdown();
  const std::lock_guard lock(mutex_);
  received_.clear();
}

}  // namespace kakunin
