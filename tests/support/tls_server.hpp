#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/server_process.hpp"

namespace observerd::testing {

/// A certificate authority of its own in a temporary folder, made with the openssl command.
class TestAuthority {
 public:
  /// Throws when openssl fails.
  TestAuthority();

  std::string ca_file() const { return folder_.file("ca.pem"); }
  const std::filesystem::path& folder() const { return folder_.path(); }
  std::string certificate(const std::string& name) const { return folder_.file(name + ".pem"); }
  std::string key(const std::string& name) const { return folder_.file(name + ".key"); }
  /// Issues a certificate for these names ("DNS:localhost,IP:127.0.0.1") as NAME.pem and NAME.key
  /// in the folder; NAME is its common name.
  void issue(const std::string& name, const std::string& alternative_names);

 private:
  TestFolder folder_;
};

/// nghttpd (HTTP/2 over TLS) on a free port of 127.0.0.1, serving files of the authority's folder
/// with the certificate NAME.pem.
class Http2Server {
 public:
  /// Throws when it does not come up.
  Http2Server(const TestAuthority& authority, const std::string& name,
              const std::vector<std::string>& options = {});

  std::string url(const std::string& path) const;

 private:
  ServerProcess process_;
};

}  // namespace observerd::testing
