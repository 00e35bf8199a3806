#include "fixture.hpp"

#include "base/json.hpp"

namespace observerd::testing {

std::string SmsTest::at_server(const std::string& path) const {
  return R"(, "base_url": )" + json::quote(server_.url(path));
}

plugin::ItemResult SmsTest::send(const std::string& to, const std::string& text,
                                 const std::string& more) {
  Delivery delivery;
  // Each its own, or it would not be sent again.
  id_ = "0f8fad5b-d9cb-569f-a165-" + std::to_string(100'000'000'000 + ++sent_so_far_);
  delivery.id = id_;
  delivery.settings = R"({"to": )" + json::quote(to) + R"(, "message": )" + json::quote(text) + "}";
  return sms().deliver(R"({"to": "{{ phone }}", "message": "{{ text }}")" + more + "}", delivery);
}

}  // namespace observerd::testing
