#include "support/tls_server.hpp"

namespace observerd::testing {

TestAuthority::TestAuthority() {
  run_program({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key("ca"), "-out", ca_file(),
               "-days", "2", "-subj", "/CN=observerd test authority"});
}

void TestAuthority::issue(const std::string& name, const std::string& alternative_names) {
  const std::string request = folder_.file(name + ".csr");
  run_program({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
               "-nodes", "-keyout", key(name), "-out", request, "-subj", "/CN=" + name});
  const std::string extensions =
      folder_.write(name + ".ext", "subjectAltName=" + alternative_names + "\n");
  run_program({"openssl", "x509", "-req", "-in", request, "-CA", ca_file(), "-CAkey", key("ca"),
               "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", certificate(name)});
  // Servers that were started by root read them with fewer rights; these keys open nothing.
  std::filesystem::permissions(key(name), std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
}

Http2Server::Http2Server(const TestAuthority& authority, const std::string& name,
                         const std::vector<std::string>& options)
    : process_([&](int port) {
        std::vector<std::string> words = {"nghttpd", "--address=127.0.0.1",
                                          "--htdocs=" + authority.folder().string()};
        words.insert(words.end(), options.begin(), options.end());
        words.insert(words.end(),
                     {std::to_string(port), authority.key(name), authority.certificate(name)});
        return words;
      }) {}

std::string Http2Server::url(const std::string& path) const {
  return "https://127.0.0.1:" + std::to_string(process_.port()) + path;
}

}  // namespace observerd::testing
