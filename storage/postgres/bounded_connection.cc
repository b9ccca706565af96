#include "storage/postgres/bounded_connection.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <pqxx/except>
#include <string_view>

namespace kakunin {
namespace {

using std::chrono::steady_clock;

// A whole second at most, so that no deadline overflows poll's milliseconds.
int MillisecondsUntil(MonotonicTime deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 1000));
}

// WaitForSocket waits for `events`; false when the deadline came first.
bool WaitForSocket(int socket, short events, MonotonicTime deadline) {
  for (;;) {
    pollfd entry{.fd = socket, .events = events, .revents = 0};
    if (poll(&entry, 1, MillisecondsUntil(deadline)) > 0) return true;
    if (steady_clock::now() >= deadline) return false;
  }
}

// Connect goes through the start-up of the protocol; false when it failed or took too long.
bool Connect(PGconn* connection, MonotonicTime deadline) {
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED || PQstatus(connection) == CONNECTION_BAD) return false;
    const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!WaitForSocket(PQsocket(connection), events, deadline)) return false;
    next = PQconnectPoll(connection);
  }
  return true;
}

}  // namespace

ConnectionParameters ConnectionParametersFor(const std::string& conninfo, const std::string& role,
                                             const std::string& application_name) {
  ConnectionParameters parameters = {
      {"dbname", conninfo},      {"application_name", application_name},
      {"keepalives_idle", "5"},  {"keepalives_interval", "2"},
      {"keepalives_count", "3"}, {"tcp_user_timeout", "10000"}};
  if (!role.empty()) parameters.emplace_back("user", role);
  return parameters;
}

std::string DatabaseNamed(const std::string& conninfo) {
  std::string host;
  std::string port = "5432";
  std::string name;
  PQconninfoOption* const options = PQconninfoParse(conninfo.c_str(), nullptr);
  for (const PQconninfoOption* option = options; option != nullptr && option->keyword != nullptr;
       ++option) {
    if (option->val == nullptr) continue;
    const std::string_view keyword = option->keyword;
    if (keyword == "host" || (keyword == "hostaddr" && host.empty())) host = option->val;
    if (keyword == "port") port = option->val;
    if (keyword == "dbname") name = option->val;
  }
  PQconninfoFree(options);
  return fmt::format("database {} at {}, port {}", name.empty() ? "(unnamed)" : name,
                     host.empty() ? "the default socket" : host, port);
}

BoundedConnectPolicy::BoundedConnectPolicy(ConnectionParameters parameters, Watchdog::Watch& watch)
    : connectionpolicy(std::string()), parameters_(std::move(parameters)), watch_(&watch) {}

BoundedConnectPolicy::handle BoundedConnectPolicy::do_startconnect(handle orig) {
  if (orig != nullptr) return orig;
  if (used_) throw pqxx::broken_connection("the connection is lost");
  used_ = true;
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : parameters_) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* connection = PQconnectStartParams(keywords.data(), values.data(), /*expand_dbname=*/1);
  if (connection == nullptr) throw pqxx::broken_connection("no memory for a connection");
  if (!Connect(connection, watch_->deadline())) {
    const std::string message = PQerrorMessage(connection);
    PQfinish(connection);
    throw pqxx::broken_connection(message.empty() ? "the server did not answer" : message);
  }
  PQsetNoticeReceiver(connection, &BoundedConnectPolicy::Receive, this);
  handle_ = connection;
  watch_->Guard(PQsocket(connection));
  return connection;
}

BoundedConnectPolicy::handle BoundedConnectPolicy::do_disconnect(handle orig) noexcept {
  if (orig == nullptr) return nullptr;
  if (watch_ != nullptr) watch_->Release();
  // PQfinish says goodbye, which a full socket to a frozen server would not take.
  if (const int socket = PQsocket(orig); socket >= 0) shutdown(socket, SHUT_RDWR);
  PQfinish(orig);
  handle_ = nullptr;
  return nullptr;
}

void BoundedConnectPolicy::Receive(void* policy, const PGresult* notice) {
  const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity != nullptr && std::strcmp(severity, "WARNING") == 0) {
    static_cast<BoundedConnectPolicy*>(policy)->warned_ = true;
  }
}

BoundedConnection::BoundedConnection(ConnectionParameters parameters, Watchdog::Watch& watch)
    : connection_base(policy_), policy_(std::move(parameters), watch) {
  try {
    init();
  } catch (...) {
    close();
    throw;
  }
}

BoundedConnection::~BoundedConnection() noexcept { close(); }

void BoundedConnection::SetWatch(Watchdog::Watch* watch) {
  if (policy_.watch_ != nullptr) policy_.watch_->Release();
  policy_.watch_ = watch;
  if (watch != nullptr && policy_.handle_ != nullptr) watch->Guard(PQsocket(policy_.handle_));
}

bool BoundedConnection::Idle() const {
  return policy_.handle_ != nullptr && PQstatus(policy_.handle_) == CONNECTION_OK &&
         PQtransactionStatus(policy_.handle_) == PQTRANS_IDLE;
}

bool BoundedConnection::InFailedTransaction() const {
  return policy_.handle_ == nullptr || PQtransactionStatus(policy_.handle_) == PQTRANS_INERROR;
}

}  // namespace kakunin
