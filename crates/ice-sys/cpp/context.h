// The implicit context of a communicator.
#pragma once

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

namespace ice_sys {

using ImplicitContext = Ice::ImplicitContext;

// Null where the communicator has none.
std::shared_ptr<ImplicitContext> communicator_context(const Communicator& communicator);
rust::Vec<Entry> context_all(const ImplicitContext& context);
void context_replace(const ImplicitContext& context, const rust::Vec<Entry>& entries);
bool context_contains(const ImplicitContext& context, rust::Str key);
rust::String context_get(const ImplicitContext& context, rust::Str key);
rust::String context_put(const ImplicitContext& context, rust::Str key, rust::Str value);
rust::String context_remove(const ImplicitContext& context, rust::Str key);

} // namespace ice_sys
