#pragma once

#include <string>
#include <string_view>

namespace kakunin {

// WebCall is one POST of ReceptionService as the HTTP server read it; "" for a header that was not
// sent. Views outlive the call.
struct WebCall {
  std::string_view method;  // "/kakunin.v1.ReceptionService/OpenReception"
  std::string address;      // of the peer
  std::string_view content_type;
  std::string_view origin;  // every browser sends it
  std::string_view session_cookie;
  std::string_view csrf_token;
  std::string_view authorization;  // of an app (auth/app_signature.h)
  std::string_view app_session;
  std::string_view body;
};

}  // namespace kakunin
