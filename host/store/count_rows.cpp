#include "store/count_rows.hpp"

#include "store/writes.hpp"

namespace observerd::store {

Result<std::int64_t> count_rows(postgres::Connection& connection, const std::string& from,
                                const Where& where, const std::string& what) {
  std::int64_t count = 0;
  const Status status = connection.read([&](pqxx::transaction_base& transaction) {
    try {
      count = transaction
                  .exec_params1("SELECT count(*)" + from + where.sql(),
                                pqxx::prepare::make_dynamic_params(where.values()))[0]
                  .as<std::int64_t>();
    } catch (...) {
      return storage_error("cannot count " + what);
    }
    return Status();
  });
  if (!status.ok()) return status;
  return count;
}

}  // namespace observerd::store
