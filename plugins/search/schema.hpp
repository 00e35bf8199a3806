#pragma once

#include <string_view>

#include "common/client_settings.hpp"
#include "common/joined.hpp"

/// The JSON Schemas of the settings. The tables of README.md are made from them.
namespace observerd::search {

inline constexpr std::string_view kModuleHead = R"({"type": "object", "additionalProperties": false,
  "properties": {
    "flavour": {"enum": ["elasticsearch", "opensearch", "meilisearch", "typesense"], "default": "elasticsearch",
      "description": "What speaks there."},
    "url": {"type": "string", "minLength": 1,
      "description": "Where it is, such as https://search.example.com:9200."},
    "urls": {"type": "array", "minItems": 1, "maxItems": 32, "items": {"type": "string", "minLength": 1},
      "description": "Instead of url: the nodes of one cluster (not Meilisearch). When one cannot be reached, the next is asked."},
    "username": {"type": "string", "minLength": 1,
      "description": "Elasticsearch, OpenSearch: a user (Basic authentication)."},
    "password": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "The user's password."},
    "api_key": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "An API key: Elasticsearch's in its encoded form; of Meilisearch and Typesense as it is."},
    "bearer_token": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "Elasticsearch, OpenSearch: a token to show instead."},
    "max_request_bytes": {"type": "integer", "minimum": 1024, "maximum": 104857600, "default": 8388608,
      "description": "Documents go in requests of about this size at most; one larger document goes alone."},)";
inline constexpr std::string_view kModuleTail = "}}";

inline constexpr const char* kModuleSchema =
    common::joined<kModuleHead, common::kClientProperties, kModuleTail>;

inline constexpr const char* kActionSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["index"],
  "properties": {
    "index": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "The index, or alias; of Typesense the collection."},
    "id": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "The document's id; by default the entity's key."},
    "operation": {"enum": ["auto", "index", "update", "upsert", "delete"], "default": "auto",
      "description": "auto deletes after a delete and indexes after everything else. index writes the whole document, update changes fields of one that is there, upsert of one that need not be."},
    "document": {"type": "object", "x-template": "json",
      "description": "What is written, rendered leaf by leaf; by default the new row."},
    "routing": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "Elasticsearch, OpenSearch: what the shard is chosen by, instead of the id."},
    "document_type": {"type": "string", "minLength": 1,
      "description": "The mapping type that Elasticsearch before 7 wants."},
    "refresh": {"enum": ["false", "wait_for", "true"], "default": "false",
      "description": "Elasticsearch, OpenSearch: whether to wait until searches see it; wait_for takes up to the index's refresh interval."},
    "require_alias": {"type": "boolean", "default": false,
      "description": "Elasticsearch, OpenSearch: the name must be an alias, so that a misspelt one makes no new index."},
    "primary_key": {"type": "string", "minLength": 1, "default": "id",
      "description": "Meilisearch: the attribute that holds the id."}
  }})";

}  // namespace observerd::search
