#include "server/http/web_server.h"

#include <fmt/format.h>

#include <charconv>
#include <thread>
#include <utility>

#include "auth/web_tls.h"
#include "domain/error.h"
#include "server/file_version.h"
#include "server/http/https_server.h"
#include "server/http/web_files.h"

namespace kakunin {
namespace {

constexpr char kCookie[] = "__Host-kakunin";
constexpr char kJsonType[] = "application/json; charset=utf-8";
constexpr std::string_view kSandboxFolder = "/sandbox/";
// Of the session's cookie; the session ends by itself before.
constexpr int kCookieSeconds = 3600;

// What every answer says. No inline script or style, nothing of anybody else's, no frame around.
const httplib::Headers& SecurityHeaders() {
  static const auto* const headers = new httplib::Headers{
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src "
       "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
      {"Strict-Transport-Security", "max-age=31536000"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cache-Control", "no-store"}};
  return *headers;
}

// CookieOf finds the session's cookie; empty: none, or several, which no browser of ours sends.
std::string CookieOf(const httplib::Request& request) {
  const std::string header = request.get_header_value("Cookie");
  const std::string name = std::string(kCookie) + "=";
  std::string found;
  size_t begin = 0;
  while (begin < header.size()) {
    size_t end = header.find(';', begin);
    if (end == std::string::npos) end = header.size();
    std::string_view one = std::string_view(header).substr(begin, end - begin);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(name)) {
      if (!found.empty()) return "";
      found = one.substr(name.size());
    }
    begin = end + 1;
  }
  return found;
}

std::string TypeOf(const httplib::Request& request) {
  const std::string type = request.get_header_value("Content-Type");
  return type.substr(0, type.find(';'));
}

void Answer(ReceptionApi& api, const httplib::Request& request, httplib::Response& response) {
  const std::string type = TypeOf(request);
  const std::string origin = request.get_header_value("Origin");
  const std::string cookie = CookieOf(request);
  const std::string csrf = request.get_header_value("Kakunin-Csrf");
  const std::string authorization = request.get_header_value("Authorization");
  const std::string app_session = request.get_header_value("Kakunin-Session");
  WebAnswer answer = api.Answer({.method = request.path,
                                 .address = request.remote_addr,
                                 .content_type = type,
                                 .origin = origin,
                                 .session_cookie = cookie,
                                 .csrf_token = csrf,
                                 .authorization = authorization,
                                 .app_session = app_session,
                                 .body = request.body});
  response.status = answer.http_status;
  if (!answer.session_cookie.empty()) {
    response.set_header("Set-Cookie",
                        fmt::format("{}={}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Strict",
                                    kCookie, answer.session_cookie, kCookieSeconds));
  }
  response.set_content(answer.json, kJsonType);
}

void ServeFiles(httplib::Server& server, bool sandbox) {
  for (const WebFile& file : AllWebFiles()) {
    if (file.path.starts_with(kSandboxFolder) && !sandbox) continue;
    const auto serve = [&file](const httplib::Request&, httplib::Response& response) {
      response.set_content(file.text.data(), file.text.size(), std::string(file.type));
    };
    // httplib reads paths as patterns: a dot is one of them.
    std::string pattern;
    for (const char c : file.path) pattern += c == '.' ? std::string("\\.") : std::string(1, c);
    server.Get(pattern, serve);
    if (file.path == "/index.html") server.Get("/", serve);
  }
}

void ServeWallet(httplib::Server& server, SandboxWallet& wallet) {
  server.Get("/sandbox/cards", [&](const httplib::Request&, httplib::Response& response) {
    response.set_content(wallet.Cards(), kJsonType);
  });
  server.Post("/sandbox/sign", [&](const httplib::Request& request, httplib::Response& response) {
    if (TypeOf(request) != "application/json") {
      response.status = 415;
      return;
    }
    response.set_content(wallet.Sign(request.body), kJsonType);
  });
}

}  // namespace

struct WebServer::Inside {
  ReceptionApi& api;
  SandboxWallet* wallet;
  WebConnectionLimits limits = {};
  std::unique_ptr<auth::WebTls> tls = {};  // outlives `server`
  std::unique_ptr<HttpsServer> server = {};
  std::thread thread = {};
  int port = 0;
  std::filesystem::path certificate = {};
  std::filesystem::path key = {};
  std::pair<FileVersion, FileVersion> read = {};  // of both files
};

WebServer::WebServer(ReceptionApi& api, SandboxWallet* wallet, const WebConnectionLimits& limits)
    : inside_(new Inside{.api = api, .wallet = wallet, .limits = limits}) {}

WebServer::~WebServer() { Stop(); }

int WebServer::port() const { return inside_->port; }

absl::Status WebServer::Start(const WebConfig& config) {
  inside_->certificate = config.certificate;
  inside_->key = config.key;
  inside_->read = {FileVersionOf(config.certificate), FileVersionOf(config.key)};
  ASSIGN_OR_RETURN(inside_->tls, auth::WebTls::Load(config.certificate, config.key));
  inside_->server = std::make_unique<HttpsServer>(*inside_->tls, inside_->limits);
  HttpsServer& server = *inside_->server;
  server.set_default_headers(SecurityHeaders());
  // Its default, SO_REUSEPORT, would let a second server take half of the requests unnoticed.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  ServeFiles(server, inside_->wallet != nullptr);
  if (inside_->wallet != nullptr) ServeWallet(server, *inside_->wallet);
  server.Post(R"(/kakunin\.v1\.ReceptionService/[A-Za-z]+)",
              [this](const httplib::Request& request, httplib::Response& response) {
                if (!ReceptionApi::IsMethod(request.path)) {
                  response.status = 404;
                  return;
                }
                Answer(inside_->api, request, response);
              });

  const size_t colon = config.address.rfind(':');
  std::string host = config.address.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  int wanted = 0;
  std::from_chars(config.address.data() + colon + 1, config.address.data() + config.address.size(),
                  wanted);
  inside_->port = wanted == 0                         ? server.bind_to_any_port(host)
                  : server.bind_to_port(host, wanted) ? wanted
                                                      : -1;
  if (inside_->port <= 0) {
    inside_->port = 0;
    return absl::FailedPreconditionError(
        fmt::format("cannot listen on {}: another process has it, or it is not this machine's; "
                    "choose another address in [web]",
                    config.address));
  }
  server.LengthenBacklog();
  inside_->thread = std::thread([this] { inside_->server->listen_after_bind(); });
  // Without this a Stop that comes first would be overlooked.
  while (!server.is_running()) std::this_thread::yield();
  return absl::OkStatus();
}

bool WebServer::IsServing() const {
  return inside_->server != nullptr && inside_->server->is_running();
}

size_t WebServer::OpenConnections() const { return inside_->server->connections().Open(); }

int64_t WebServer::RefusedConnections() const { return inside_->server->connections().Refused(); }

absl::Status WebServer::RenewCertificate() {
  const std::pair found(FileVersionOf(inside_->certificate), FileVersionOf(inside_->key));
  if (found == inside_->read) return absl::OkStatus();
  RETURN_IF_ERROR(inside_->tls->Reload());
  inside_->read = found;
  return absl::OkStatus();
}

absl::Time WebServer::CertificateEnd() const { return inside_->tls->NotAfter(); }

void WebServer::Stop() {
  if (inside_->server != nullptr) inside_->server->stop();
  if (inside_->thread.joinable()) inside_->thread.join();
  if (inside_->server != nullptr) inside_->server->StopConnections();
}

}  // namespace kakunin
