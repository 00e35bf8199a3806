// State that a dlclose would not end: a static of a template (STB_GNU_UNIQUE where it is exported)
// and a thread_local with a destructor. Each delivery tells both counts.
#include <observerd/plugin.hpp>

#include <string>

namespace sdk = observerd::sdk;

template <typename T>
struct Counted {
  inline static T count = 0;
};

struct PerThread {
  ~PerThread() { count = 0; }
  int count = 0;
};

class KeepsState final : public sdk::Module {
 public:
  using Module::Module;
  static constexpr sdk::TypeInfo info() { return sdk::TypeInfo("keeps_state", "A fixture."); }
  sdk::Result deliver(const sdk::Item&) override {
    thread_local PerThread here;
    return sdk::delivered(std::to_string(++Counted<int>::count) + " " +
                          std::to_string(++here.count));
  }
};

OBSERVERD_SDK_PLUGIN(0, sdk::PluginInfo("keeps_state", "1.0.0"), KeepsState);
