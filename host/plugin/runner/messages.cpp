#include "plugin/runner/messages.hpp"

#include <algorithm>
#include <memory>

#include "plugin/result.hpp"
#include "plugin/runner/frame.hpp"
#include "plugin/runner/wire.hpp"
#include "plugin/text.hpp"

namespace observerd::plugin::message {
namespace {

constexpr std::uint32_t max_types = 256;
constexpr std::uint32_t max_problems = 200;
constexpr std::uint32_t max_notes = 16;
constexpr std::uint32_t max_items = 10'000;
constexpr std::uint32_t max_fields = 64;
constexpr std::size_t max_sentence_bytes = 4096;

std::string sentence(Decoder& in) {
  return clean_text(to_str(in.text()), max_sentence_bytes);
}

void write(Encoder& out, const Status& status) {
  out.u32(static_cast<std::uint32_t>(status.code())).text(status.message());
  out.text(status.place().pointer);
  out.u32(static_cast<std::uint32_t>(status.notes().size()));
  for (const std::string& note : status.notes()) out.text(note);
}

/// Never ok, whatever the bytes say.
Status read_status(Decoder& in) {
  const std::uint32_t number = in.u32();
  const bool known = number > static_cast<std::uint32_t>(Code::Ok) &&
                     number <= static_cast<std::uint32_t>(Code::BadEvent);
  Status status =
      Status::error(known ? static_cast<Code>(number) : Code::PluginMisbehaved, sentence(in));
  Place place;
  place.pointer = sentence(in);
  status.at(std::move(place));
  for (std::uint32_t left = in.count(max_notes); left > 0; --left) status.note(sentence(in));
  return status;
}

void write(Encoder& out, const std::vector<Status>& problems) {
  const std::size_t count = std::min<std::size_t>(problems.size(), max_problems);
  out.u32(static_cast<std::uint32_t>(count));
  for (std::size_t i = 0; i < count; ++i) write(out, problems[i]);
}

std::vector<Status> read_problems(Decoder& in) {
  std::vector<Status> problems;
  for (std::uint32_t left = in.count(max_problems, 16); left > 0; --left) {
    problems.push_back(read_status(in));
  }
  return problems;
}

/// A message that was there from the first to the last byte.
template <typename Message>
std::optional<Message> whole(const Decoder& in, Message message) {
  if (!in.complete()) return std::nullopt;
  return std::optional<Message>(std::move(message));
}

Outcome known_outcome(std::uint32_t number) {
  return number <= static_cast<std::uint32_t>(Outcome::Unknown) ? static_cast<Outcome>(number)
                                                                : Outcome::Retry;
}

}  // namespace

std::string Load::encode() const {
  return Encoder().text(path).text(sha256).take();
}

std::optional<Load> Load::decode(std::string_view bytes) {
  Decoder in(bytes);
  Load load;
  load.path = in.text();
  load.sha256 = in.text();
  return whole(in, std::move(load));
}

std::string Greeting::encode() const {
  Encoder out;
  out.u32(version).text(facts.name).text(facts.version).text(facts.description);
  out.text(facts.license).text(facts.vendor);
  out.u32(static_cast<std::uint32_t>(facts.types.size()));
  for (const TypeFacts& type : facts.types) {
    out.text(type.type).text(type.summary).text(type.module_schema).text(type.action_schema);
    out.u32(type.flags).u32(type.max_batch).u32(type.max_concurrency);
  }
  return out.take();
}

std::optional<Greeting> Greeting::decode(std::string_view bytes) {
  Decoder in(bytes);
  Greeting greeting;
  greeting.version = in.u32();
  PluginFacts& facts = greeting.facts;
  for (std::string* text :
       {&facts.name, &facts.version, &facts.description, &facts.license, &facts.vendor}) {
    *text = sentence(in);
  }
  for (std::uint32_t left = in.count(max_types, 28); left > 0; --left) {
    TypeFacts type;
    type.type = sentence(in);
    type.summary = sentence(in);
    type.module_schema = in.text();
    type.action_schema = in.text();
    type.flags = in.u32();
    type.max_batch = in.u32();
    type.max_concurrency = in.u32();
    facts.types.push_back(std::move(type));
  }
  return whole(in, std::move(greeting));
}

std::string encode_problems(const std::vector<Status>& problems) {
  Encoder out;
  write(out, problems);
  return out.take();
}

std::optional<std::vector<Status>> decode_problems(std::string_view bytes) {
  Decoder in(bytes);
  std::vector<Status> problems = read_problems(in);
  return whole(in, std::move(problems));
}

std::string Open::encode() const {
  return Encoder().text(type).text(settings).u32(log_levels).take();
}

std::optional<Open> Open::decode(std::string_view bytes) {
  Decoder in(bytes);
  Open open;
  open.type = in.text();
  open.settings = in.text();
  open.log_levels = in.u32();
  return whole(in, std::move(open));
}

std::string ActionRequest::encode() const {
  return Encoder().u64(action).text(json).take();
}

std::optional<ActionRequest> ActionRequest::decode(std::string_view bytes) {
  Decoder in(bytes);
  ActionRequest request;
  request.action = in.u64();
  request.json = in.text();
  return whole(in, std::move(request));
}

std::string Answer::encode() const {
  Encoder out;
  write(out, problems);
  return out.text(lane_key).text(batch_key).flag(supported).text(text).take();
}

std::optional<Answer> Answer::decode(std::string_view bytes) {
  Decoder in(bytes);
  Answer answer;
  answer.problems = read_problems(in);
  answer.lane_key = sentence(in);
  answer.batch_key = sentence(in);
  answer.supported = in.flag();
  answer.text = clean_text(to_str(in.text()), max_body_to_host);
  return whole(in, std::move(answer));
}

std::string Deliver::encode() const {
  return Encoder().u32(items).i64(deadline_ns).flag(cancelled).take();
}

std::optional<Deliver> Deliver::decode(std::string_view bytes) {
  Decoder in(bytes);
  Deliver deliver;
  deliver.items = in.u32();
  deliver.deadline_ns = in.i64();
  deliver.cancelled = in.flag();
  if (deliver.items > max_items) return std::nullopt;
  return whole(in, deliver);
}

std::string DeliveryItem::encode(std::uint64_t action, const Item& item) {
  const auto json = [](const std::shared_ptr<const std::string>& text) {
    return text == nullptr ? std::string_view("{}") : std::string_view(*text);
  };
  Encoder out;
  out.u64(action).u32(static_cast<std::uint32_t>(std::max(item.attempt, 1)));
  out.text(item.delivery_id).u64(item.order).text(json(item.event_json));
  out.text(json(item.settings_json)).text(item.trace_parent).i64(item.created_ns);
  return out.take();
}

std::optional<DeliveryItem> DeliveryItem::decode(std::string_view bytes) {
  Decoder in(bytes);
  DeliveryItem message;
  Item& item = message.item;
  message.action = in.u64();
  item.attempt = static_cast<int>(std::min<std::uint32_t>(in.u32(), INT32_MAX));
  item.delivery_id = in.text();
  item.order = in.u64();
  item.event_json = std::make_shared<const std::string>(in.text());
  item.settings_json = std::make_shared<const std::string>(in.text());
  item.trace_parent = in.text();
  item.created_ns = in.i64();
  return whole(in, std::move(message));
}

std::string ItemReport::encode(std::uint32_t index, const ItemResult& result) {
  Encoder out;
  out.u32(index).u32(static_cast<std::uint32_t>(result.outcome)).i64(result.retry_after.count());
  return out.text(result.code).text(result.message).text(result.remote_id).take();
}

std::optional<ItemReport> ItemReport::decode(std::string_view bytes) {
  Decoder in(bytes);
  ItemReport report;
  report.index = in.u32();
  const Outcome outcome = known_outcome(in.u32());
  const std::int64_t retry_after_ms = in.i64();
  const observerd_str code = to_str(in.text());
  const observerd_str message = to_str(in.text());
  report.result = clean_result(outcome, retry_after_ms, code, message, to_str(in.text()));
  return whole(in, std::move(report));
}

std::string Said::encode() const {
  Encoder out;
  out.u32(static_cast<std::uint32_t>(number)).text(text).f64(value);
  out.u32(static_cast<std::uint32_t>(fields.size()));
  for (const auto& [key, content] : fields) out.text(key).text(content);
  return out.take();
}

std::optional<Said> Said::decode(std::string_view bytes) {
  Decoder in(bytes);
  Said said;
  said.number = static_cast<std::int32_t>(in.u32());
  said.text = in.text();
  said.value = in.f64();
  for (std::uint32_t left = in.count(max_fields, 8); left > 0; --left) {
    const std::string_view key = in.text();
    said.fields.emplace_back(key, in.text());
  }
  return whole(in, std::move(said));
}

}  // namespace observerd::plugin::message
