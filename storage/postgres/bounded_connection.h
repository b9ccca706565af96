#pragma once

#include <pqxx/connection_base>
#include <pqxx/connectionpolicy>
#include <string>
#include <utility>
#include <vector>

#include "storage/postgres/watchdog.h"

namespace kakunin {

// ConnectionParameters are libpq's keywords with their values; later ones win.
using ConnectionParameters = std::vector<std::pair<std::string, std::string>>;

// ConnectionParametersFor expands `conninfo` (a connection string), sets the role unless it is
// empty, and adds what every connection of ours has. The host should be an address or a socket
// folder: libpq resolves names without a bound.
ConnectionParameters ConnectionParametersFor(const std::string& conninfo, const std::string& role,
                                             const std::string& application_name);

// DatabaseNamed tells operators which database `conninfo` leads to: "database kakunin at
// /run/postgresql, port 5432"; neither user nor password.
std::string DatabaseNamed(const std::string& conninfo);

// BoundedConnectPolicy connects by polling, so that a server which accepts and never answers is
// left at the watch's deadline. It connects once: a lost connection is never silently replaced,
// since the audit stream ends with it.
class BoundedConnectPolicy : public pqxx::connectionpolicy {
 public:
  BoundedConnectPolicy(ConnectionParameters parameters, Watchdog::Watch& watch);

  handle do_startconnect(handle orig) override;
  handle do_completeconnect(handle orig) override { return orig; }
  handle do_dropconnect(handle orig) noexcept override { return do_disconnect(orig); }
  handle do_disconnect(handle orig) noexcept override;

 private:
  friend class BoundedConnection;
  static void Receive(void* policy, const struct pg_result* notice);

  const ConnectionParameters parameters_;
  Watchdog::Watch* watch_;
  handle handle_ = nullptr;
  bool used_ = false;
  bool warned_ = false;
};

// BoundedConnection is a libpqxx connection every call of which ends at a deadline. Not
// thread-safe.
class BoundedConnection : public pqxx::connection_base {
 public:
  // Connects, or throws pqxx::broken_connection, by the deadline of `watch`, which also bounds what
  // follows until the next SetWatch.
  BoundedConnection(ConnectionParameters parameters, Watchdog::Watch& watch);
  ~BoundedConnection() noexcept;

  // SetWatch bounds the calls from now on; null while the connection rests.
  void SetWatch(Watchdog::Watch* watch);
  // Idle tells whether the connection is alive with no transaction open.
  bool Idle() const;
  // InFailedTransaction tells whether the open transaction can only roll back.
  bool InFailedTransaction() const;
  // TakeWarning tells whether the server sent a warning since the last call. A commit that was
  // cancelled while it waited for a standby succeeds with one, and must not be acknowledged.
  bool TakeWarning() { return std::exchange(policy_.warned_, false); }

 private:
  BoundedConnectPolicy policy_;
};

}  // namespace kakunin
