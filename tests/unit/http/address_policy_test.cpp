#include "common/address_policy.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>

namespace observerd::common {
namespace {

sockaddr_storage address(const char* text) {
  sockaddr_storage storage{};
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text, &v6->sin6_addr), 1) << text;
    v6->sin6_family = AF_INET6;
  }
  return storage;
}

std::string refusal(const AddressPolicy& policy, const char* text) {
  const sockaddr_storage storage = address(text);
  return std::string(policy.refusal(reinterpret_cast<const sockaddr*>(&storage)));
}

AddressPolicy allowing(std::initializer_list<const char*> blocks) {
  std::vector<Cidr> parsed;
  for (const char* block : blocks) parsed.push_back(Cidr::parse(block).value());
  return AddressPolicy(parsed);
}

TEST(AddressPolicy, RefusesEverythingThatIsNotPublic) {
  const AddressPolicy policy;
  const char* refused[] = {
      // first and last address of each block
      "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
      "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255",
      "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.0", "192.0.2.255",
      "192.88.99.0", "192.88.99.255", "192.168.0.0", "192.168.255.255", "198.18.0.0",
      "198.19.255.255", "198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255",
      "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.254", "255.255.255.255",
      "168.63.129.16",
      // IPv6
      "::", "::1", "fc00::", "fd00:ec2::254", "fdff:ffff::1", "fe80::1", "febf::1", "fec0::1",
      "ff02::1", "ffff::1", "2001:db8::1", "3fff::1", "3fff:fff::1", "100::1", "5f00::1", "2001::1",
      "2001:2::1", "2001:10::1", "2001:20::1",
      // IPv4 inside IPv6
      "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254", "::ffff:168.63.129.16",
      "::127.0.0.1", "::8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1",
      "2002:7f00:1::", "2002:808:808::1", "::ffff:0:7f00:1", "64:ff9c::1", "1fff::1", "4000::1",
      "7fff::1", "8000::1", "fbff::1", "2001:0:53aa:64c:0:0:f5ff:fffe"};
  for (const char* text : refused) EXPECT_NE(refusal(policy, text), "") << text;
}

TEST(AddressPolicy, AllowsPublicAddressesUpToTheEdgesOfTheBlocks) {
  const AddressPolicy policy;
  const char* allowed[] = {"1.0.0.0",         "8.8.8.8",       "9.255.255.255",   "11.0.0.0",
                           "100.63.255.255",  "100.128.0.0",   "126.255.255.255", "128.0.0.0",
                           "168.63.129.15",   "168.63.129.17", "169.253.255.255", "169.255.0.0",
                           "172.15.255.255",  "172.32.0.0",    "192.0.1.0",       "192.0.3.0",
                           "192.167.255.255", "192.169.0.0",   "198.17.255.255",  "198.20.0.0",
                           "223.255.255.255", "2606:4700::1",  "2a00:1450::1",    "2001:200::1",
                           "::ffff:8.8.8.8",  "2003::1",       "3ffe::1"};
  for (const char* text : allowed) EXPECT_EQ(refusal(policy, text), "") << text;
}

TEST(AddressPolicy, SaysWhyInAWord) {
  const AddressPolicy policy;
  EXPECT_EQ(refusal(policy, "127.0.0.1"), "loopback");
  EXPECT_EQ(refusal(policy, "::ffff:10.0.0.1"), "private");
  EXPECT_EQ(refusal(policy, "169.254.169.254"), "link-local");
  EXPECT_EQ(refusal(policy, "64:ff9b::a00:1"), "NAT64");
  EXPECT_EQ(refusal(policy, "::ffff:0:7f00:1"), "IPv4-translated");
  EXPECT_EQ(refusal(policy, "fd00::1"), "private");
  EXPECT_EQ(refusal(policy, "4000::1"), "reserved");
}

TEST(AddressPolicy, AllowedBlocksWinAndCoverMappedForms) {
  const AddressPolicy policy = allowing({"127.0.0.0/8", "10.1.0.0/16", "fd00::/8"});
  EXPECT_EQ(refusal(policy, "127.0.0.1"), "");
  EXPECT_EQ(refusal(policy, "::ffff:127.0.0.1"), "");
  EXPECT_EQ(refusal(policy, "10.1.255.255"), "");
  EXPECT_EQ(refusal(policy, "10.2.0.0"), "private");
  EXPECT_EQ(refusal(policy, "fd12::1"), "");
  EXPECT_EQ(refusal(policy, "fc00::1"), "private");
  EXPECT_EQ(refusal(policy, "64:ff9b::7f00:1"), "NAT64") << "an IPv4 block does not open NAT64";
  EXPECT_EQ(refusal(allowing({"::ffff:10.0.0.0/104"}), "10.9.9.9"), "");
  EXPECT_EQ(refusal(allowing({"10.0.0.7"}), "10.0.0.7"), "");
  EXPECT_EQ(refusal(allowing({"10.0.0.7"}), "10.0.0.8"), "private");
  EXPECT_EQ(refusal(allowing({"0.0.0.0/0"}), "192.168.1.1"), "");
  EXPECT_EQ(refusal(allowing({"0.0.0.0/0"}), "::1"), "loopback");
}

TEST(AddressPolicy, RefusesOtherFamilies) {
  sockaddr_un path{};
  path.sun_family = AF_UNIX;
  EXPECT_NE(allowing({"0.0.0.0/0", "::/0"}).refusal(reinterpret_cast<sockaddr*>(&path)), "");
}

TEST(AddressPolicy, JudgesANameAsFarAsItsTextGoes) {
  const AddressPolicy policy = allowing({"10.1.0.0/16"});
  for (const char* name : {"127.0.0.1", "127.1", "0x7f.1", "0177.1", "2130706433", "127.0.0.1.",
                           "localhost", "LocalHost.", "x.localhost", "::1", "::ffff:10.0.0.1",
                           "10.2.0.1", "64:ff9b::1", "0", "0.0.0.0"}) {
    EXPECT_NE(policy.refusal_of_name(name), "") << name;
  }
  for (const char* name : {"10.1.2.3", "8.8.8.8", "2606:4700::1", "example.com", "localhost.com",
                           "notlocalhost", "1.2.3.4.5", "127.0.0.1.example.com", ""}) {
    EXPECT_EQ(policy.refusal_of_name(name), "") << name;
  }
}

TEST(Cidr, RefusesWhatIsNoBlock) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8",
                           "::/129", "10.0.0.0/8 ", "localhost", "0x7f.1", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(Cidr::parse(text)) << text;
  }
}

}  // namespace
}  // namespace observerd::common
