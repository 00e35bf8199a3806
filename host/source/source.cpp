#include "source/source.hpp"

#include <algorithm>
#include <random>

#include "postgres/quote.hpp"
#include "source/coordinator.hpp"

namespace observerd::source {

class Source::Impl {
 public:
  Impl(Options given, RowSink& sink)
      : options(std::move(given)),
        ledgers(postgres::quote_identifier(options.database.schema),
                [this](int shard) { readers[static_cast<std::size_t>(shard)]->kick(); }),
        parts{options, sink, ledgers, positions},
        readers(make_readers()),
        coordinator(options, readers, std::random_device()()) {}

  Coordinator::Readers make_readers() const {
    std::random_device random;
    Coordinator::Readers made;
    for (int shard = 0; shard < options.shards; ++shard) {
      made.push_back(std::make_unique<ShardReader>(parts, shard, random()));
    }
    return made;
  }

  const Options options;
  const Positions positions;
  ShardLedgers ledgers;
  const ReaderParts parts;
  Coordinator::Readers readers;  // by shard
  Coordinator coordinator;       // last: the threads use the rest
};

Source::Source(Options options, RowSink& sink)
    : impl_(std::make_unique<Impl>(std::move(options), sink)) {}

Source::~Source() {
  release();
}

void Source::start() {
  for (const auto& reader : impl_->readers) reader->start();
  impl_->coordinator.start();
}

void Source::stop_reading() {
  impl_->coordinator.stop_reading();
  for (const auto& reader : impl_->readers) reader->stop_reading();
}

void Source::release() {
  impl_->coordinator.stop_reading();
  for (const auto& reader : impl_->readers) reader->release();
  for (const auto& reader : impl_->readers) reader->join();
  impl_->coordinator.stop();
}

OutboxState Source::outbox() const {
  return impl_->coordinator.outbox();
}

void Source::hold_off(std::string reason) {
  impl_->coordinator.hold_off(std::move(reason));
}

void Source::go_on() {
  impl_->coordinator.go_on();
}

Ledger& Source::ledger() {
  return impl_->ledgers;
}

std::vector<ShardState> Source::shards() const {
  std::vector<ShardState> states;
  for (const auto& reader : impl_->readers) {
    ShardState state = reader->state();
    const auto view = impl_->ledgers.view(state.shard);
    if (view) {
      state.read_to = view->read_to;
      state.unsettled = view->unsettled;
    }
    // A lease that was given up by a flush is gone before its reader knows.
    if (state.owned && !(view && view->lease == state.lease)) {
      state.owned = false;
      state.error = "the lease was given up";
    }
    states.push_back(std::move(state));
  }
  return states;
}

bool Source::drained() const {
  return std::all_of(impl_->readers.begin(), impl_->readers.end(), [this](const auto& reader) {
    const ShardState state = reader->state();
    const auto view = impl_->ledgers.view(state.shard);
    return state.owned && state.idle && view && view->lease == state.lease && view->clean;
  });
}

}  // namespace observerd::source
