#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/readme.hpp"

namespace observerd::testing {
namespace {

/// The example of the plugin's README with each of its providers, dry.
TEST(SmsReadme, TheExampleGoesToEachProvider) {
  const auto providers = objects_of(readme_blocks("sms", "jsonc").front());
  ASSERT_EQ(providers.size(), 4u);
  ReadmeTrial trial;
  for (const char* name : {"TWILIO_TOKEN", "VONAGE_SECRET", "SMS_TOKEN"}) {
    trial.set_variable(name, "s3cret");
  }
  trial.set_credential("aws", "s3cret");
  const std::vector<std::string> parts[] = {
      {"POST https://api.twilio.com/2010-04-01/Accounts/AC00112233445566778899aabbccddeeff/"
       "Messages.json",
       "Authorization: Basic ***", "To=%2B4915112345678&From=%2B15005550006&Body=Order%207%20has"},
      {"POST https://rest.nexmo.com/sms/json", "api_key=0a1b2c3d&api_secret=***&from=Shop"},
      {"POST https://sns.eu-west-1.amazonaws.com/",
       "PhoneNumber=%2B4915112345678&Message=Order%207%20has%20been%20shipped"},
      {"POST https://sms.example.com/v2/send", "Authorization: Bearer ***",
       R"("recipient":"+4915112345678","body":"Order 7 has been shipped")", R"("reference":")"}};
  for (std::size_t i = 0; i < providers.size(); ++i) {
    trial.configure_module("sms", providers[i]);
    const std::string shown =
        trial.shown({readme_blocks("sms").front()}, R"({"kind": "insert", "entity": "Order",
            "id": "7", "new": {"id": 7, "phone": "+4915112345678"}})");
    for (const std::string& part : parts[i]) {
      EXPECT_NE(shown.find(part), std::string::npos) << part << "\nis not in\n" << shown;
    }
    EXPECT_EQ(shown.find("s3cret"), std::string::npos) << shown;
  }
}

}  // namespace
}  // namespace observerd::testing
