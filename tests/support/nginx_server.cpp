#include "support/nginx_server.hpp"

namespace observerd::testing {

bool NginxServer::is_there() {
  return !find_program("nginx").empty();
}

NginxServer::NginxServer(const std::string& locations, const TestAuthority* authority,
                         const std::string& name, const std::string& more)
    : has_tls_(authority != nullptr), process_([&](int port) -> std::vector<std::string> {
        std::string text =
            "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr;\n"
            "events {}\nhttp {\naccess_log off;\n";
        for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
          text += std::string(kind) + "_temp_path " + folder_.file(kind) + ";\n";
        }
        text +=
            "server {\nlisten 127.0.0.1:" + std::to_string(port) + (has_tls_ ? " ssl;\n" : ";\n");
        if (has_tls_) {
          text += "ssl_certificate " + authority->certificate(name) + ";\nssl_certificate_key " +
                  authority->key(name) + ";\n";
        }
        text += more + locations + "}\n}\n";
        return {"nginx", "-p",    folder_.path().string(), "-c", folder_.write("nginx.conf", text),
                "-e",    "stderr"};
      }) {}

std::string NginxServer::url(const std::string& path) const {
  return (has_tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(process_.port()) +
         path;
}

}  // namespace observerd::testing
