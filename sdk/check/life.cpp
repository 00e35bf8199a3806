#include "check/life.hpp"

#include <algorithm>

namespace observerd::check {

void live(Trial& trial, Shape shape, const JudgeBatch& judge) {
  constexpr std::uint32_t some = 3;
  for (const plugin::ActionType& type : trial.types()) {
    const auto session = Session::started(trial, type, shape);
    if (session == nullptr) continue;
    for (const std::uint32_t size :
         {1U, std::min(some, static_cast<std::uint32_t>(type.max_batch))}) {
      BatchDouble& batch = session->batch(size);
      session->deliver_here(batch);
      if (judge) judge(*session, batch);
    }
    PreviewDouble preview(session->memory());
    session->preview(preview);
    ErrorsDouble errors(session->memory());
    std::int32_t answer = 0;
    session->probe(errors, answer);
  }
}

}  // namespace observerd::check
