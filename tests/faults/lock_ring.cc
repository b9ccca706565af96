#include "tests/faults/lock_ring.h"

#include <fmt/format.h>

#include <chrono>
#include <pqxx/pqxx>
#include <stdexcept>
#include <thread>

namespace kakunin::faults {
namespace {

using std::chrono::steady_clock;

void Configure(const Installation& installation, const std::string& deadlock_timeout,
               const std::string& log_line_prefix) {
  pqxx::connection database(installation.database_info());
  pqxx::nontransaction work(database);
  work.exec("ALTER SYSTEM SET deadlock_timeout = " + deadlock_timeout);
  work.exec("ALTER SYSTEM SET log_line_prefix = " + log_line_prefix);
  work.exec("SELECT pg_reload_conf()");
}

}  // namespace

ConflictLog::ConflictLog(const Installation& installation)
    : installation_(installation),
      log_(installation.database_log()),
      before_(e2e::FileText(log_).size()) {
  // A lane gives up on a statement after a second, which is when PostgreSQL would first look.
  Configure(installation_, "'300ms'", "'%m [%p] %e '");
}

ConflictLog::~ConflictLog() {
  try {
    Configure(installation_, "DEFAULT", "DEFAULT");
  } catch (const std::exception& failure) {
    fmt::print(stderr, "PostgreSQL keeps looking for deadlocks early: {}\n", failure.what());
  }
}

int ConflictLog::Count(const std::string& sqlstate) const {
  const std::string text = e2e::FileText(log_);
  const std::string wanted = "] " + sqlstate + " ERROR:";
  int found = 0;
  for (size_t at = text.find(wanted, before_); at != std::string::npos;
       at = text.find(wanted, at + 1)) {
    ++found;
  }
  return found;
}

void CloseRing(const Installation& installation, const std::string& first,
               const std::string& second) {
  pqxx::connection database(installation.database_info());
  pqxx::connection onlooker(installation.database_info());
  pqxx::nontransaction look(onlooker);
  pqxx::work work(database);
  work.exec("SET LOCAL deadlock_timeout = '1min'");
  const auto lock = [&](const std::string& table) {
    work.exec(fmt::format("LOCK TABLE ONLY kakunin.{} IN EXCLUSIVE MODE", table));
  };
  lock(second);
  const auto until = steady_clock::now() + std::chrono::seconds(30);
  const std::string waits = fmt::format(
      "SELECT EXISTS (SELECT FROM pg_locks w JOIN pg_locks h USING (pid)"
      " WHERE w.relation = 'kakunin.{}'::regclass AND NOT w.granted"
      " AND h.relation = 'kakunin.{}'::regclass AND h.granted"
      " AND h.mode IN ('RowShareLock', 'RowExclusiveLock'))",
      second, first);
  while (!look.exec(waits)[0][0].as<bool>()) {
    if (steady_clock::now() > until) throw std::runtime_error("nobody waits for " + second);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  lock(first);
}

}  // namespace kakunin::faults
