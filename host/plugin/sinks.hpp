#pragma once

#include <string>
#include <vector>

#include "base/status.hpp"
#include "observerd/plugin.h"

namespace observerd::plugin {

/// Where a plugin's open, bind or probe writes its problems. Lives for the call.
class ErrorSink {
 public:
  ErrorSink();
  ErrorSink(const ErrorSink&) = delete;
  ErrorSink& operator=(const ErrorSink&) = delete;

  const observerd_errors* raw() const { return &raw_; }
  /// OB005 each, the place holding the JSON pointer.
  const std::vector<Status>& problems() const { return problems_; }
  bool empty() const { return problems_.empty(); }
  void add(std::string pointer, std::string message);

 private:
  static void add_raw(const observerd_errors* self, observerd_str pointer, observerd_str message);
  observerd_errors raw_{};
  std::vector<Status> problems_;
};

/// Where bind says how its action is queued. Lives for the call.
class BindingSink {
 public:
  BindingSink();
  BindingSink(const BindingSink&) = delete;
  BindingSink& operator=(const BindingSink&) = delete;

  const observerd_binding* raw() const { return &raw_; }
  std::string lane_key, batch_key;  ///< "" when the plugin named none

 private:
  observerd_binding raw_{};
};

/// Where preview writes. Lives for the call.
class PreviewSink {
 public:
  PreviewSink();
  PreviewSink(const PreviewSink&) = delete;
  PreviewSink& operator=(const PreviewSink&) = delete;

  const observerd_preview* raw() const { return &raw_; }
  std::string text;

 private:
  observerd_preview raw_{};
};

}  // namespace observerd::plugin
