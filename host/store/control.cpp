#include "store/control.hpp"

#include <random>

#include "store/event_columns.hpp"

namespace observerd::store {
namespace {

std::string text(const pqxx::row& row, int column) {
  return row[column].as<std::string>("");
}

}  // namespace

std::string Control::notify() const {
  return "SELECT pg_notify(" + connection_.quoted_schema() + ".control_channel(), '')";
}

/// One statement and the notification that tells of it, in one transaction.
Status Control::write(const std::string& sql, const std::vector<std::string>& arguments,
                      std::int64_t* affected) {
  return connection_.transact([&](pqxx::work& transaction) {
    const pqxx::result result =
        transaction.exec_params(sql, pqxx::prepare::make_dynamic_params(arguments));
    if (affected != nullptr) *affected = static_cast<std::int64_t>(result.affected_rows());
    transaction.exec(notify());
    return Status();
  });
}

Result<std::string> Control::channel() {
  std::string name;
  Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    name = text(
        transaction.exec("SELECT " + connection_.quoted_schema() + ".control_channel()").front(),
        0);
    return Status();
  });
  if (!status.ok()) return status;
  return name;
}

Result<int> Control::hold_life_lock() {
  std::random_device random;
  // Beyond the keys of shards and wake-ups.
  std::uniform_int_distribution<int> keys(1 << 30, (1 << 30) + ((1 << 30) - 1));
  int key = 0;
  Status status = connection_.run([&](pqxx::nontransaction& transaction) {
    for (bool got = false; !got;) {
      key = keys(random);
      got = transaction
                .exec_params("SELECT pg_try_advisory_lock(" + connection_.quoted_schema() +
                                 ".lock_class(), $1)",
                             key)
                .front()[0]
                .as<bool>();
    }
    return Status();
  });
  if (!status.ok()) return status;
  return key;
}

Status Control::announce(const HostReport& report) {
  return connection_.transact([&](pqxx::work& transaction) {
    transaction.exec_params(
        "INSERT INTO " + connection_.table("hosts") +
            " AS h (id, name, version, lock_key, started_at, seen_at, fingerprint, problem, state)"
            " VALUES ($1, $2, $3, $4, clock_timestamp(), clock_timestamp(), $5, $6, $7)"
            " ON CONFLICT (id) DO UPDATE SET lock_key = excluded.lock_key,"
            " seen_at = excluded.seen_at, fingerprint = excluded.fingerprint,"
            " problem = excluded.problem, state = excluded.state",
        report.id.to_string(), report.name, report.version, report.lock_key, report.fingerprint,
        report.problem, json::write(report.state));
    return Status();
  });
}

Status Control::withdraw(const Uuid& host) {
  return write("DELETE FROM " + connection_.table("hosts") + " WHERE id = $1", {host.to_string()});
}

Result<std::string> Control::settle_active(const std::string& fingerprint, const Uuid& host) {
  std::string active;
  Status status = connection_.transact([&](pqxx::work& transaction) {
    const std::string table = connection_.table("active_configuration");
    const std::string select = "SELECT fingerprint, pinned FROM " + table;
    pqxx::result row = transaction.exec(select);
    if (!row.empty() && row.front()[0].as<std::string>() == fingerprint &&
        !row.front()[1].as<bool>()) {
      active = fingerprint;
      return Status();
    }
    transaction.exec_params(
        "INSERT INTO " + table +
            " AS a (fingerprint) VALUES ($1) ON CONFLICT (only_row) DO UPDATE"
            " SET fingerprint = excluded.fingerprint, pinned = false,"
            "  activated_at = CASE WHEN a.fingerprint = excluded.fingerprint THEN a.activated_at"
            "                 ELSE excluded.activated_at END"
            " WHERE a.fingerprint = excluded.fingerprint"
            "  OR (NOT a.pinned AND NOT EXISTS (SELECT FROM " +
            connection_.table("hosts") +
            " AS h WHERE h.fingerprint = a.fingerprint AND h.id <> $2 AND " +
            connection_.quoted_schema() + ".host_lives(h.lock_key)))",
        fingerprint, host.to_string());
    active = text(transaction.exec(select).front(), 0);
    return Status();
  });
  if (!status.ok()) return status;
  return active;
}

Result<std::vector<Request>> Control::unanswered(const Uuid& host) {
  std::vector<Request> requests;
  Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    const pqxx::result rows = transaction.exec_params(
        "SELECT r.id, r.verb, r.argument FROM " + connection_.table("requests") + " AS r, " +
            connection_.table("hosts") +
            " AS h WHERE h.id = $1 AND r.asked_at >= h.started_at AND NOT EXISTS (SELECT FROM " +
            connection_.table("answers") +
            " AS a WHERE a.request = r.id AND a.host = h.id)"
            " ORDER BY r.id",
        host.to_string());
    for (const pqxx::row& row : rows) {
      requests.push_back({row[0].as<std::int64_t>(), text(row, 1), text(row, 2)});
    }
    return Status();
  });
  if (!status.ok()) return status;
  return requests;
}

Status Control::answer(std::int64_t request, const HostReport& host, bool ok,
                       const std::string& answer) {
  return write(
      "INSERT INTO " + connection_.table("answers") +
          " (request, host, host_name, ok, answer)"
          " SELECT id, $2::uuid, $3, $4::boolean, $5 FROM " +
          connection_.table("requests") + " WHERE id = $1::bigint ON CONFLICT DO NOTHING",
      {std::to_string(request), host.id.to_string(), host.name, ok ? "true" : "false", answer});
}

Status Control::forget_old() {
  return connection_.transact([&](pqxx::work& transaction) {
    transaction.exec("DELETE FROM " + connection_.table("requests") +
                     " WHERE asked_at < clock_timestamp() - interval '1 day'");
    transaction.exec("DELETE FROM " + connection_.table("hosts") +
                     " WHERE seen_at < clock_timestamp() - interval '1 day'");
    return Status();
  });
}

Result<std::vector<HostRow>> Control::hosts() {
  std::vector<HostRow> hosts;
  Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    const pqxx::result rows =
        transaction.exec("SELECT id, name, version, lock_key, fingerprint, problem, state, " +
                         sql_rfc3339("started_at") + ", " + sql_rfc3339("seen_at") + ", " +
                         connection_.quoted_schema() +
                         ".host_lives(lock_key),"
                         " extract(epoch FROM clock_timestamp() - seen_at)::float8 FROM " +
                         connection_.table("hosts") + " ORDER BY started_at, id");
    for (const pqxx::row& row : rows) {
      HostRow host;
      host.report.id = Uuid::parse(text(row, 0)).value_or(Uuid{});
      host.report.name = text(row, 1);
      host.report.version = text(row, 2);
      host.report.lock_key = row[3].as<int>();
      host.report.fingerprint = text(row, 4);
      host.report.problem = text(row, 5);
      Result<json::Value> state = json::parse(text(row, 6), Code::Storage);
      if (state) host.report.state = std::move(*state);
      host.started_at = text(row, 7);
      host.seen_at = text(row, 8);
      host.alive = row[9].as<bool>();
      host.silent_seconds = row[10].as<double>();
      hosts.push_back(std::move(host));
    }
    return Status();
  });
  if (!status.ok()) return status;
  return hosts;
}

Result<std::vector<PauseRow>> Control::pauses() {
  std::vector<PauseRow> pauses;
  Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    for (const pqxx::row& row :
         transaction.exec("SELECT observer, action, cause, reason, " + sql_rfc3339("since") +
                          " FROM " + connection_.table("pauses") + " ORDER BY observer, action")) {
      pauses.push_back({text(row, 0), text(row, 1), text(row, 2), text(row, 3), text(row, 4)});
    }
    return Status();
  });
  if (!status.ok()) return status;
  return pauses;
}

Result<bool> Control::pause(const PauseRow& pause) {
  std::int64_t affected = 0;
  Status status = write("INSERT INTO " + connection_.table("pauses") +
                            " (observer, action, cause, reason) VALUES ($1, $2, $3, $4)"
                            " ON CONFLICT DO NOTHING",
                        {pause.observer, pause.action, pause.cause, pause.reason}, &affected);
  if (!status.ok()) return status;
  return affected > 0;
}

Result<bool> Control::resume(const std::string& observer, const std::string& action) {
  std::int64_t affected = 0;
  Status status =
      write("DELETE FROM " + connection_.table("pauses") + " WHERE observer = $1 AND action = $2",
            {observer, action}, &affected);
  if (!status.ok()) return status;
  return affected > 0;
}

Result<bool> Control::resume_all(const std::string& observer) {
  std::int64_t affected = 0;
  Status status = write("DELETE FROM " + connection_.table("pauses") + " WHERE observer = $1",
                        {observer}, &affected);
  if (!status.ok()) return status;
  return affected > 0;
}

Result<std::string> Control::active() {
  std::string active;
  Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    const pqxx::result rows =
        transaction.exec("SELECT fingerprint FROM " + connection_.table("active_configuration"));
    if (!rows.empty()) active = text(rows.front(), 0);
    return Status();
  });
  if (!status.ok()) return status;
  return active;
}

Status Control::activate(const std::string& fingerprint) {
  return write("INSERT INTO " + connection_.table("active_configuration") +
                   " (fingerprint, pinned) VALUES ($1, true) ON CONFLICT (only_row) DO UPDATE"
                   " SET fingerprint = excluded.fingerprint, pinned = true,"
                   " activated_at = excluded.activated_at",
               {fingerprint});
}

Result<std::int64_t> Control::ask(const std::string& verb, const std::string& argument) {
  std::int64_t id = 0;
  Status status = connection_.transact([&](pqxx::work& transaction) {
    id = transaction
             .exec_params("INSERT INTO " + connection_.table("requests") +
                              " (verb, argument) VALUES ($1, $2) RETURNING id",
                          verb, argument)
             .front()[0]
             .as<std::int64_t>();
    transaction.exec(notify());
    return Status();
  });
  if (!status.ok()) return status;
  return id;
}

Result<std::vector<Answer>> Control::answers(std::int64_t request) {
  std::vector<Answer> answers;
  Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    for (const pqxx::row& row : transaction.exec_params(
             "SELECT host_name, ok, answer FROM " + connection_.table("answers") +
                 " WHERE request = $1 ORDER BY answered_at",
             request)) {
      answers.push_back({text(row, 0), row[1].as<bool>(), text(row, 2)});
    }
    return Status();
  });
  if (!status.ok()) return status;
  return answers;
}

}  // namespace observerd::store
