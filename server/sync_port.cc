#include "server/sync_port.h"

#include <grpcpp/resource_quota.h>

#include "server/listener.h"
#include "server/rpc/health.h"
#include "server/rpc/unreadable_message.h"

namespace kakunin {

absl::Status StartSyncPort(const ListenerConfig& listener, CallObserver& calls, SyncPort& port,
                           bool anonymous) {
  grpc::ServerBuilder builder;
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
  port.services.push_back(MakeSyncHealthService(*port.base.health, *port.base.dispatch));
  for (const auto& service : port.services) builder.RegisterService(service.get());
  if (anonymous) {
    // Nobody here has shown a certificate: little is held for them, and few threads wait.
    grpc::ResourceQuota quota("onboarding");
    quota.Resize(size_t{64} << 20).SetMaxThreads(16);
    builder.SetResourceQuota(quota);
  }
  RefuseUnreadableMessages(builder, calls);
  return StartServer(listener, builder, port.server, port.port);
}

}  // namespace kakunin
