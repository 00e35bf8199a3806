#pragma once

#include <string>
#include <utility>
#include <vector>

#include "admin/endpoint.hpp"
#include "app/admin_api.hpp"
#include "app/views/arguments.hpp"

namespace observerd::app {

/// One call of the API as the views read it: parameters of the query, or members of the body, as
/// arguments by name. All problems are told, not the first.
class AdminCall {
 public:
  /// `members` are those that the body may have.
  AdminCall(const admin::ApiRequest& request, const std::vector<std::string>& members,
            WallTime now);
  // The reader refers to the arguments.
  AdminCall(const AdminCall&) = delete;
  AdminCall& operator=(const AdminCall&) = delete;

  views::ArgumentReader& arguments() { return reader_; }
  bool has(const std::string& member) const { return body_.find(member) != nullptr; }
  /// A member that is true or false; false when it is missing.
  bool flag(const std::string& member);
  /// A member that is a list of ids.
  std::vector<Uuid> ids(const std::string& member);
  /// A member that is a list of strings.
  std::vector<std::string> strings(const std::string& member);
  /// The "{id}" of the path.
  Uuid path_id(const admin::ApiRequest& request);

  bool ok() const { return reader_.problems().empty(); }
  /// 400 with every problem.
  admin::Answer bad() const;

 private:
  static views::Arguments to_arguments(const admin::ApiRequest& request);
  const json::Value body_;
  const views::Arguments values_;
  views::ArgumentReader reader_;
};

/// Calls `work` with a connection.
template <typename Work>
admin::Answer with_database(const AdminContext& context, Work work) {
  Result<DatabasePool::Lease> lease = context.database.take();
  if (!lease) return admin::Answer::problem(lease.status());
  return work(**lease);
}

/// GET without parameters: `make` gives the document.
template <typename Make>
admin::Endpoint tell(std::string path, std::string summary, Make make) {
  return {admin::Method::Get,
          std::move(path),
          std::move(summary),
          {},
          [make](const admin::ApiRequest&) { return admin::Answer::ok(make()); }};
}

/// The same from the database: `read` takes a connection.
template <typename Read>
admin::Endpoint look(const AdminContext& context, std::string path, std::string summary,
                     Read read) {
  return {admin::Method::Get,
          std::move(path),
          std::move(summary),
          {},
          [context, read](const admin::ApiRequest&) {
            return with_database(context, [&](postgres::Connection& connection) {
              return admin::Answer::of(read(connection));
            });
          }};
}

}  // namespace observerd::app
