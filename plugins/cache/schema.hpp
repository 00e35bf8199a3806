#pragma once

#include <string_view>

#include "common/client_settings.hpp"
#include "common/joined.hpp"

/// The JSON Schemas of the settings. The tables of README.md are made from them.
namespace observerd::cache {

inline constexpr std::string_view kModuleHead = R"({"type": "object", "additionalProperties": false,
  "properties": {
    "flavour": {"enum": ["redis", "memcached", "varnish", "fastly", "cloudflare"], "default": "redis",
      "description": "What kind of cache it is."},
    "servers": {"type": "array", "minItems": 1, "maxItems": 64, "items": {"type": "string", "minLength": 1},
      "description": "HOST:PORT of Redis (one; of a cluster any of its nodes), of every memcached, or the URL of every Varnish."},
    "cluster": {"type": "boolean", "default": false,
      "description": "Redis: the servers are nodes of a Redis Cluster."},
    "tls": {"type": "boolean", "default": false,
      "description": "Redis, memcached: speak TLS; ca_file and client_cert_file say with whom and as whom."},
    "username": {"type": "string", "minLength": 1,
      "description": "Redis: a user of its ACL; memcached: of its auth file."},
    "password": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "Redis, memcached: the password."},
    "database": {"type": "integer", "minimum": 0, "maximum": 65535, "default": 0,
      "description": "Redis: the database's number; a cluster has only 0."},
    "key_prefix": {"type": "string", "default": "",
      "description": "Redis, memcached: put before every key, pattern and tag of the actions."},
    "tag_prefix": {"type": "string", "default": "tag:",
      "description": "Redis, memcached: put before a tag, after key_prefix: the key of its set or counter."},
    "scan_limit": {"type": "integer", "minimum": 1, "maximum": 100000000, "default": 100000,
      "description": "Redis: how many keys one event may remove by pattern or tags, before it becomes a dead letter."},
    "service_id": {"type": "string", "pattern": "^[A-Za-z0-9]+$",
      "description": "Fastly: the service that tags belong to."},
    "zone_id": {"type": "string", "pattern": "^[A-Za-z0-9]+$",
      "description": "Cloudflare: the zone."},
    "api_token": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "Fastly, Cloudflare: a token that may purge."},
    "base_url": {"type": "string", "minLength": 1,
      "description": "Fastly, Cloudflare: instead of the provider's own address."},)";
inline constexpr std::string_view kModuleTail = "}}";

inline constexpr const char* kModuleSchema =
    common::joined<kModuleHead, common::kClientProperties, kModuleTail>;

inline constexpr const char* kActionSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "operation": {"enum": ["invalidate", "refresh", "publish", "purge", "ban"], "default": "invalidate",
      "description": "What happens to what the other members name; not every flavour does each."},
    "keys": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"type": "string", "minLength": 1, "x-template": "text"},
      "description": "Redis, memcached: keys."},
    "key_pattern": {"type": "string", "minLength": 1, "x-template": "glob",
      "description": "Redis: all keys that match, Varnish (ban): all paths: * ? [abc]; values of the event stand for themselves. Must not begin with a wildcard."},
    "tags": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"type": "string", "minLength": 1, "x-template": "text"},
      "description": "Everything that the cache has under these tags (surrogate keys)."},
    "urls": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"type": "string", "minLength": 1, "x-template": "url"},
      "description": "Varnish, Fastly, Cloudflare: absolute URLs as visitors ask for them."},
    "channel": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "Redis (publish): the channel."},
    "value": {"anyOf": [{"type": "string", "x-template": "text"}, {"type": ["object", "array"], "x-template": "json"}],
      "description": "What refresh writes and publish sends: text, or JSON rendered leaf by leaf. Publish without it sends the event."},
    "ttl": {"type": "string", "pattern": "^[1-9][0-9]{0,8}(ms|s|m|h|d)$",
      "description": "How long a refreshed value lives; by default until it is evicted. Memcached without a value: how long the stale one may still be served."}
  }})";

}  // namespace observerd::cache
