#include "support/mail_server.hpp"

#include <openssl/evp.h>

#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "support/node_receiver.hpp"

namespace observerd::testing {
namespace {

constexpr char kScripts[] = OBSERVERD_SOURCE_DIR "/tests/receivers/";
// Debian's own, which knows Debian's modules.
constexpr char kPython[] = "/usr/bin/python3";
const std::string kPythonModules = "/usr/lib/python3/dist-packages/";

}  // namespace

std::string MailServer::missing(Kind kind) {
  if (kind == Kind::SmtpServer) return NodeReceiver::missing("smtp-server");
  for (const char* module : {"aiosmtpd", "dkim"}) {
    const std::string name = module;
    if (!std::filesystem::exists(kPythonModules + name)) return "NO PACKAGE python3-" + name;
  }
  return {};
}

MailServer::MailServer(Kind kind, const json::Value& options)
    : process_([kind, text = json::write(options)](int port) -> std::vector<std::string> {
        if (kind == Kind::SmtpServer) {
          return {"node", std::string(kScripts) + "smtp.mjs", std::to_string(port),
                  NodeReceiver::packages(), text};
        }
        return {kPython, "-B", std::string(kScripts) + "smtpd.py", std::to_string(port), text};
      }) {}

std::vector<json::Value> MailServer::lines_with(const std::string& member) const {
  std::vector<json::Value> found;
  std::istringstream output(process_.output());
  for (std::string line; std::getline(output, line);) {
    auto value = json::parse(line, Code::BadEvent);
    if (value && value->find(member) != nullptr) found.push_back(*std::move(value));
  }
  return found;
}

std::string octets_of(const json::Value& mail) {
  const std::string text = mail.string_or("octets");
  std::string octets(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(octets.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) throw std::runtime_error("no base64: " + text);
  octets.resize(static_cast<std::size_t>(size));
  while (text.ends_with('=') && octets.ends_with('\0')) octets.pop_back();
  return octets;
}

}  // namespace observerd::testing
