#include "event/row.hpp"

#include <cstring>
#include <limits>
#include <mutex>
#include <optional>
#include <vector>

#include "base/strings.hpp"
#include "event/row_scanner.hpp"

namespace observerd {

struct Row::Data {
  explicit Data(std::string_view source)
      : text(std::make_unique_for_overwrite<char[]>(source.size() + kPadding)),
        size(source.size()) {
    std::memcpy(text.get(), source.data(), size);
    std::memset(text.get() + size, 0, kPadding);
  }
  std::string_view view() const { return {text.get(), size}; }

  std::unique_ptr<char[]> text;
  std::size_t size;
  std::vector<RowNode> nodes;
  mutable std::once_flag once;
  mutable std::optional<json::Value> values;
};

Row::Row(json::Value value) {
  auto data = std::make_shared<Data>(json::write(value));
  bool non_ascii = false;
  (void)scan_row(data->view(), std::numeric_limits<int>::max(), data->nodes, non_ascii);
  data->values = std::move(value);
  data_ = std::move(data);
}

Result<Row> Row::parse(std::string_view text, Code code) {
  bool non_ascii = false;
  const bool fits = text.size() < std::numeric_limits<std::uint32_t>::max();
  if (fits) {
    auto data = std::make_shared<Data>(text);
    if (scan_row(data->view(), kMaxDepth, data->nodes, non_ascii) &&
        (!non_ascii || is_valid_utf8(text))) {
      return Row(std::move(data));
    }
  }
  const Result<json::Value> why = json::parse(text, code);
  if (!why.ok()) return why.status();
  return Status::error(code, fits ? "not valid JSON: there is a zero byte in it"
                                  : "a row of 4 GiB and more cannot be read");
}

const json::Value& Row::operator*() const {
  std::call_once(data_->once, [this] {
    if (data_->values) return;
    Result<json::Value> values = json::parse(data_->view(), Code::BadEvent);
    data_->values = values.ok() ? std::move(*values) : json::Value();
  });
  return *data_->values;
}

std::span<const RowNode> Row::nodes() const {
  return data_->nodes;
}

std::string_view Row::text() const {
  return data_->view();
}

}  // namespace observerd
