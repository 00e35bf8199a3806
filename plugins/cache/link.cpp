#include "cache/link.hpp"

namespace observerd::cache {

std::optional<sdk::Result> Link::open(const Limit& limit) {
  if (stream_ != nullptr && !stream_->is_stale() && !reader_->has_rest()) {
    host_.count("connections_total", 1, {{"use", "kept"}});
    stream_->set_limit(limit);
    return std::nullopt;
  }
  Failure failure;
  reader_.reset();
  stream_ = Stream::dial(settings_.client.client, endpoint_, settings_.has_tls, limit, failure);
  if (stream_ == nullptr) return to_result(failure);
  host_.count("connections_total", 1, {{"use", "new"}});
  reader_.emplace(*stream_);
  stream_->set_limit(limit);
  auto refused = log_in();
  if (refused) stream_.reset();
  return refused;
}

sdk::Result Link::broken() const {
  if (reader_->is_malformed()) {
    return to_result({common::HttpError::Malformed,
                      endpoint_.text() + ": the answer is not of this protocol, or too large"});
  }
  return to_result({stream_->failure().error, endpoint_.text() + ": " + stream_->failure().detail});
}

}  // namespace observerd::cache
