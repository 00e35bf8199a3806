#include "postgres/errors.hpp"

#include <algorithm>
#include <array>
#include <pqxx/pqxx>

#include "base/strings.hpp"
#include "postgres/connection.hpp"

namespace observerd::postgres {
namespace {

constexpr std::string_view kSqlstateNote = "SQLSTATE ";
/// transaction_resolution_unknown: the standard's word for a lost commit.
constexpr const char* kFateUnknown = "08007";

/// "ERROR:  relation … does not exist\nLINE 1: …" becomes a sentence and notes.
Status from_server_text(std::string_view text, const std::string& state) {
  text = trim(text);
  for (const std::string_view severity : {"ERROR:", "FATAL:", "PANIC:"}) {
    if (text.substr(0, severity.size()) == severity) {
      text = trim(text.substr(severity.size()));
      break;
    }
  }
  const std::size_t end = std::min(text.find('\n'), text.size());
  Status status = Status::error(Code::Database, std::string(trim(text.substr(0, end))));
  text.remove_prefix(end);
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::size_t stop = std::min(text.find('\n'), text.size());
    if (stop > 0) status.note(std::string(text.substr(0, stop)));
    text.remove_prefix(stop);
  }
  if (!state.empty()) status.note(std::string(kSqlstateNote) + state);
  return status;
}

}  // namespace

Status describe_current_exception() {
  try {
    throw;
  } catch (const pqxx::sql_error& error) {
    return from_server_text(error.what(), error.sqlstate());
  } catch (const pqxx::in_doubt_error&) {
    return from_server_text("the connection was lost during a commit that may have taken effect",
                            kFateUnknown);
  } catch (const pqxx::statement_completion_unknown& error) {
    return from_server_text(error.what(), "40003");
  } catch (const pqxx::serialization_failure& error) {
    return from_server_text(error.what(), "40001");
  } catch (const pqxx::deadlock_detected& error) {
    return from_server_text(error.what(), "40P01");
  } catch (const pqxx::too_many_connections& error) {
    return from_server_text(error.what(), "53300");
  } catch (const pqxx::broken_connection& error) {
    return from_server_text(error.what(), "08006").context("the database connection was lost");
  } catch (const std::exception& error) {
    return from_server_text(error.what(), {});
  } catch (...) {
    return Status::error(Code::Database, "an exception that is no std::exception");
  }
}

bool fate_unknown(const Status& status) {
  return sqlstate(status) == kFateUnknown;
}

std::string sqlstate(const Status& status) {
  for (const std::string& note : status.notes()) {
    if (note.rfind(kSqlstateNote, 0) == 0) return note.substr(kSqlstateNote.size());
  }
  return {};
}

}  // namespace observerd::postgres
