#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace observerd::testing {

/// A certificate authority of its own in a temporary folder, made with the openssl command.
class TestAuthority {
 public:
  /// Throws when openssl fails.
  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  std::string ca_file() const { return (folder_ / "ca.pem").string(); }
  const std::filesystem::path& folder() const { return folder_; }
  /// Issues a certificate for these names ("DNS:localhost,IP:127.0.0.1") as NAME.pem and NAME.key
  /// in the folder.
  void issue(const std::string& name, const std::string& alternative_names);

 private:
  std::filesystem::path folder_;
};

/// nghttpd (HTTP/2 over TLS) on a free port of 127.0.0.1, serving files of the authority's folder
/// with the certificate NAME.pem.
class Http2Server {
 public:
  /// Throws when it does not come up.
  Http2Server(const TestAuthority& authority, const std::string& name,
              const std::vector<std::string>& options = {});
  ~Http2Server();
  Http2Server(const Http2Server&) = delete;
  Http2Server& operator=(const Http2Server&) = delete;

  std::string url(const std::string& path) const;

 private:
  pid_t process_ = -1;
  int port_ = 0;
};

}  // namespace observerd::testing
