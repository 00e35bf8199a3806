#include "support/redis_server.hpp"

#include <algorithm>
#include <stdexcept>

#include "support/eventually.hpp"
#include "support/loopback.hpp"

namespace observerd::testing {
namespace {

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

bool RedisServer::is_there() {
  return !find_program("redis-server").empty() && !find_program("redis-cli").empty();
}

RedisServer::RedisServer(const std::vector<std::string>& options, const TestAuthority* authority,
                         const std::string& name) {
  if (authority != nullptr) {
    client_options_ = {
        "--tls", "--cacert",          authority->ca_file(), "--cert", authority->certificate(name),
        "--key", authority->key(name)};
  }
  process_ = std::make_unique<ServerProcess>([this, options, authority, name](int port) {
    std::vector<std::string> words = {"redis-server", "--bind", "127.0.0.1",
                                      "--save",       "",       "--appendonly",
                                      "no",           "--dir",  folder_.path().string()};
    const char* const port_option = authority != nullptr ? "--tls-port" : "--port";
    words.insert(words.end(), {port_option, std::to_string(port)});
    if (authority != nullptr) {
      words.insert(words.end(), {"--port", "0", "--tls-cert-file", authority->certificate(name),
                                 "--tls-key-file", authority->key(name), "--tls-ca-cert-file",
                                 authority->ca_file()});
    }
    words.insert(words.end(), options.begin(), options.end());
    return words;
  });
}

std::string RedisServer::ask(const std::vector<std::string>& words) const {
  std::vector<std::string> command = {"redis-cli", "-p", std::to_string(port())};
  command.insert(command.end(), client_options_.begin(), client_options_.end());
  command.insert(command.end(), words.begin(), words.end());
  return trimmed(run_program(command));
}

RedisCluster::RedisCluster() {
  for (int i = 0; i < 3; ++i) {
    // The bus has a port of its own; the usual one, 10000 higher, may be beyond the last.
    bus_ports_.push_back(std::to_string(free_port()));
    nodes_.push_back(std::make_unique<RedisServer>(
        std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-port", bus_ports_.back()}));
  }
  constexpr const char* kRanges[][2] = {{"0", "5460"}, {"5461", "10922"}, {"10923", "16383"}};
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i]->ask({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
    nodes_[i]->ask({"CLUSTER", "ADDSLOTSRANGE", kRanges[i][0], kRanges[i][1]});
    if (i == 0) continue;
    nodes_.front()->ask(
        {"CLUSTER", "MEET", "127.0.0.1", std::to_string(nodes_[i]->port()), bus_ports_[i]});
  }
  if (!eventually([&] { return is_whole(); })) throw std::runtime_error("no cluster came up");
}

bool RedisCluster::is_whole() const {
  return std::all_of(nodes_.begin(), nodes_.end(), [](const auto& node) {
    return node->ask({"CLUSTER", "INFO"}).find("cluster_state:ok") != std::string::npos;
  });
}

std::string RedisCluster::ask(const std::vector<std::string>& words) {
  std::vector<std::string> command = {"-c"};
  command.insert(command.end(), words.begin(), words.end());
  return nodes_.front()->ask(command);
}

int RedisCluster::slot_of(const std::string& key) {
  return std::stoi(nodes_.front()->ask({"CLUSTER", "KEYSLOT", key}));
}

std::string RedisCluster::id_of(std::size_t index) const {
  return nodes_[index]->ask({"CLUSTER", "MYID"});
}

std::size_t RedisCluster::owner_of(const std::string& key) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i]->ask({"EXISTS", key}).find("MOVED") == std::string::npos) return i;
  }
  throw std::runtime_error("no node serves " + key);
}

void RedisCluster::begin_move(const std::string& key, std::size_t to) {
  const std::string slot = std::to_string(slot_of(key));
  const std::size_t from = owner_of(key);
  nodes_[to]->ask({"CLUSTER", "SETSLOT", slot, "IMPORTING", id_of(from)});
  nodes_[from]->ask({"CLUSTER", "SETSLOT", slot, "MIGRATING", id_of(to)});
}

void RedisCluster::move_key(const std::string& key, std::size_t to) {
  nodes_[owner_of(key)]->ask(
      {"MIGRATE", "127.0.0.1", std::to_string(nodes_[to]->port()), key, "0", "5000"});
}

void RedisCluster::end_move(const std::string& key, std::size_t to) {
  const std::string slot = std::to_string(slot_of(key));
  const std::string id = id_of(to);
  nodes_[to]->ask({"CLUSTER", "SETSLOT", slot, "NODE", id});
  for (const auto& node : nodes_) node->ask({"CLUSTER", "SETSLOT", slot, "NODE", id});
}

}  // namespace observerd::testing
