#include "app/database_pool.hpp"

namespace observerd::app {

DatabasePool::Lease::~Lease() {
  if (connection_) pool_->give_back(std::move(connection_));
}

Status DatabasePool::closed() {
  return Status::error(Code::Database, "observerd is stopping");
}

/// Takes a place, and the idle connection when there is one.
Status DatabasePool::wait_for_place(std::unique_ptr<postgres::Connection>& idle) {
  std::unique_lock lock(mutex_);
  const bool there = free_.wait_for(lock, patience_, [this] { return closed_ || places_ < most_; });
  if (closed_) return closed();
  if (!there) {
    return Status::error(Code::Database, "all connections for questions are busy; ask again");
  }
  ++places_;
  idle = std::move(idle_);
  if (idle) used_.insert(idle.get());
  return {};
}

Result<DatabasePool::Lease> DatabasePool::take() {
  std::unique_ptr<postgres::Connection> connection;
  if (Status status = wait_for_place(connection); !status.ok()) return status;
  if (connection) return Lease(*this, std::move(connection));
  auto opened = postgres::Connection::open(options_);
  const std::lock_guard lock(mutex_);
  if (!opened || closed_) {
    --places_;
    free_.notify_one();
    return opened ? closed() : opened.status();
  }
  used_.insert(opened->get());
  return Lease(*this, std::move(*opened));
}

void DatabasePool::give_back(std::unique_ptr<postgres::Connection> connection) {
  const std::lock_guard lock(mutex_);
  used_.erase(connection.get());
  --places_;
  if (!connection->broken() && !closed_ && !idle_) idle_ = std::move(connection);
  free_.notify_one();
}

void DatabasePool::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (postgres::Connection* connection : used_) connection->cancel();
  idle_.reset();
  free_.notify_all();
}

}  // namespace observerd::app
