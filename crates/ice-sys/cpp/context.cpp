// The implicit context of a communicator.

#include "ice-sys/cpp/context.h"
#include "ice-sys/src/bridge/context.rs.h"

namespace ice_sys {

namespace {

ImplicitContext& access(const ImplicitContext& context)
{
    return const_cast<ImplicitContext&>(context);
}

} // namespace

std::shared_ptr<ImplicitContext> communicator_context(const Communicator& communicator)
{
    return communicator.getImplicitContext();
}

rust::Vec<Entry> context_all(const ImplicitContext& context)
{
    rust::Vec<Entry> entries;
    for (const auto& [key, value] : context.getContext())
    {
        entries.push_back({lossy(key), lossy(value)});
    }
    return entries;
}

void context_replace(const ImplicitContext& context, const rust::Vec<Entry>& entries)
{
    Ice::Context all;
    for (const auto& entry : entries)
    {
        all.emplace(std::string(entry.key), std::string(entry.value));
    }
    access(context).setContext(all);
}

bool context_contains(const ImplicitContext& context, rust::Str key)
{
    return context.containsKey(std::string(key));
}

rust::String context_get(const ImplicitContext& context, rust::Str key)
{
    return lossy(context.get(std::string(key)));
}

rust::String context_put(const ImplicitContext& context, rust::Str key, rust::Str value)
{
    return lossy(access(context).put(std::string(key), std::string(value)));
}

rust::String context_remove(const ImplicitContext& context, rust::Str key)
{
    return lossy(access(context).remove(std::string(key)));
}

} // namespace ice_sys
