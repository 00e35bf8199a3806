#include "test_host.hpp"

#include <algorithm>

namespace observerd::source {
namespace {

constexpr std::chrono::seconds kPatience{20};
constexpr Milliseconds kTick{2};

}  // namespace

void Journal::add(int host, std::uint64_t lease, const std::vector<OutboxRow>& rows) {
  const std::lock_guard lock(mutex_);
  for (const OutboxRow& row : rows) {
    seen_.push_back({host, lease, row, settled_.count(row.id) > 0});
  }
  changed_.notify_all();
}

void Journal::acknowledge(const std::vector<Settled>& settled) {
  const std::lock_guard lock(mutex_);
  for (const Settled& each : settled) settled_.insert(each.id);
}

std::vector<Seen> Journal::all() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

std::size_t Journal::size() const {
  const std::lock_guard lock(mutex_);
  return seen_.size();
}

std::vector<std::int64_t> Journal::ids() const {
  std::vector<std::int64_t> ids;
  for (const Seen& seen : all()) ids.push_back(seen.row.id);
  return ids;
}

bool Journal::wait_for(std::size_t rows) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return seen_.size() >= rows; });
}

Options TestHost::options_for(const std::string& url, const Behaviour& behaviour) {
  Options options;
  options.database.url = url;
  options.shards = behaviour.shards;
  options.poll_interval = behaviour.poll_interval;
  options.page_rows = behaviour.page_rows;
  options.segment_bytes = behaviour.segment_bytes;
  options.maintenance_interval = behaviour.maintenance_interval;
  options.balance_interval = behaviour.balance_interval;
  return options;
}

TestHost::TestHost(const std::string& url, int number, Journal& journal, Behaviour behaviour)
    : TestHost(options_for(url, behaviour), number, journal, behaviour) {}

TestHost::TestHost(Options options, int number, Journal& journal, Behaviour behaviour)
    : url_(options.database.url),
      number_(number),
      journal_(journal),
      behaviour_(behaviour),
      random_(behaviour.seed) {
  options.database.application_name = "host " + std::to_string(number);
  source_ = std::make_unique<Source>(options, *this);
  source_->start();
  settler_ = std::thread([this] { settle(); });
}

TestHost::~TestHost() {
  ending_ = true;
  stall_ = false;
  block_rows(false);
  settler_.join();
  source_.reset();
}

void TestHost::block_rows(bool block) {
  const std::lock_guard lock(mutex_);
  blocked_ = block;
  unblocked_.notify_all();
}

bool TestHost::wait_until_drained() {
  return eventually([this] { return source_->drained(); });
}

bool TestHost::wait_until_owned(int shards) {
  return eventually([this, shards] { return owned() == shards; });
}

int TestHost::owned() const {
  const std::vector<ShardState> states = source_->shards();
  return static_cast<int>(
      std::count_if(states.begin(), states.end(), [](const auto& state) { return state.owned; }));
}

Status TestHost::last_failure() const {
  const std::lock_guard lock(mutex_);
  return last_failure_;
}

Status TestHost::on_acquired(int /*shard*/, std::uint64_t /*lease*/,
                             postgres::Connection& /*connection*/) {
  return Status();
}

bool TestHost::on_rows(int shard, std::uint64_t lease, std::vector<OutboxRow> rows) {
  std::unique_lock lock(mutex_);
  unblocked_.wait(lock, [this] { return !blocked_; });
  if (ending_) return false;
  journal_.add(number_, lease, rows);  // before anybody may settle them
  const SteadyTime now = std::chrono::steady_clock::now();
  for (const OutboxRow& row : rows) {
    const auto most = static_cast<std::uint32_t>(behaviour_.settle_within.count() + 1);
    due_.push_back({now + Milliseconds(random_() % most), {shard, lease, row.id}});
  }
  return true;
}

void TestHost::on_lost(int /*shard*/, std::uint64_t /*lease*/) {
  ++lost_;
}

std::vector<Settled> TestHost::take_due() {
  const std::lock_guard lock(mutex_);
  std::vector<Settled> settled;
  const SteadyTime now = std::chrono::steady_clock::now();
  std::erase_if(due_, [&](const Due& due) {
    if (due.at > now) return false;
    settled.push_back(due.settled);
    return true;
  });
  return settled;
}

void TestHost::settle() {
  std::unique_ptr<postgres::Connection> connection;
  while (!ending_) {
    flush(connection);
    std::this_thread::sleep_for(kTick);
  }
}

void TestHost::flush(std::unique_ptr<postgres::Connection>& connection) {
  if (!connection || connection->broken()) {
    postgres::Options options;
    options.url = url_;
    options.application_name = "settler " + std::to_string(number_);
    auto opened = postgres::Connection::open(options);
    if (!opened.ok()) return;
    connection = *std::move(opened);
  }
  std::vector<Settled> settled = hold_ ? std::vector<Settled>() : take_due();
  Ledger& ledger = source_->ledger();
  std::vector<std::size_t> dropped;
  const auto prepared = ledger.prepare(settled, &dropped);
  if (!prepared) return;
  while (stall_) std::this_thread::sleep_for(kTick);
  const Status outcome =
      connection->transact([&](pqxx::work& work) { return ledger.write(work, *prepared); });
  ledger.finish(*prepared, outcome);
  if (outcome.ok()) {
    for (auto index = dropped.rbegin(); index != dropped.rend(); ++index) {
      settled.erase(settled.begin() + static_cast<std::ptrdiff_t>(*index));
    }
    journal_.acknowledge(settled);
    return;
  }
  const std::lock_guard lock(mutex_);
  last_failure_ = outcome;
}

void make_accounts(const std::string& url, int rows) {
  testing::run_sql(url, "CREATE TABLE account (id int PRIMARY KEY, n int NOT NULL)");
  testing::run_sql(url, "INSERT INTO account SELECT i, 0 FROM generate_series(1, " +
                            std::to_string(rows) + ") AS i");
  testing::run_sql(url, R"sql(
    CREATE FUNCTION capture_account() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE s smallint := observer.shard_of('Account', NEW.id::text);
    BEGIN
      INSERT INTO observer.outbox (segment, shard, kind, entity, key, new_row, old_row)
      SELECT last_value, s, 'update', 'Account', NEW.id::text, row_to_json(NEW), row_to_json(OLD)
      FROM observer.outbox_segment;
      PERFORM observer.wake(s);
      RETURN NULL;
    END $$)sql");
  testing::run_sql(url,
                   "CREATE TRIGGER capture AFTER UPDATE ON account FOR EACH ROW EXECUTE FUNCTION "
                   "capture_account()");
}

}  // namespace observerd::source
