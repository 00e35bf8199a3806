#include "integration/admin/fixture.hpp"

#include <cstdlib>
#include <stdexcept>

namespace observerd::testing {

AdminServerTest::AdminServerTest() {
  std::string name = std::filesystem::temp_directory_path() / "observerd-admin-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  directory_ = name;
}

AdminServerTest::~AdminServerTest() {
  server_.reset();
  std::filesystem::remove_all(directory_);
}

admin::Contents AdminServerTest::contents() {
  using admin::Answer;
  using admin::ApiRequest;
  admin::Contents contents;
  contents.metrics = [this] { return metrics_.render(); };
  contents.readiness = [] { return Status(); };
  contents.api = {{admin::Method::Get,
                   "big",
                   "a large answer",
                   {},
                   [](const ApiRequest&) {
                     return Answer::ok(json::Value::string(std::string(8 << 20, 'x')));
                   }},
                  {admin::Method::Post, "echo", "what was sent", {}, [](const ApiRequest& call) {
                     return Answer::ok(call.body);
                   }}};
  return contents;
}

Status AdminServerTest::try_start(admin::ServerOptions options) {
  server_ = std::make_unique<admin::Server>(std::move(options), contents(), log_);
  return server_->start();
}

std::string AdminServerTest::start(admin::ServerOptions options) {
  if (Status status = try_start(std::move(options)); !status.ok()) {
    throw std::runtime_error(status.to_string());
  }
  return server_->address();
}

}  // namespace observerd::testing
