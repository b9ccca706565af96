#pragma once

#include <httplib.h>

#include <string>

#include "auth/web_tls.h"
#include "server/http/web_connections.h"

namespace kakunin {

// HttpsServer is httplib's server over connections of ours. Its own keep a thread each for as long
// as a peer likes, queue without end what no thread is left for, bound each octet's time and no
// request's, read headers without end, and fail where a socket's number is 1,024 or more.
class HttpsServer : public httplib::Server {
 public:
  // `tls` outlives the server.
  HttpsServer(auth::WebTls& tls, const WebConnectionLimits& limits);

  // LengthenBacklog lets more than httplib's five connections wait to be accepted. Behind binding.
  void LengthenBacklog();
  // StopConnections ends what stop() leaves. Behind stop().
  void StopConnections() { connections_.Stop(); }
  const WebConnections& connections() const { return connections_; }

 private:
  bool process_and_close_socket(socket_t socket) override;
  WebConnections::Answered Answer(const WebRequest& request, const std::string& address);

  WebConnections connections_;
};

}  // namespace kakunin
