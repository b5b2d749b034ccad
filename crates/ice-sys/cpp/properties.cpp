// Properties: the command line, the files that it names, and what is set by hand.

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

namespace ice_sys {

namespace {

// The accessors of Ice::Properties are not const, but do lock: many threads may call them.
Properties& access(const Properties& properties)
{
    return const_cast<Properties&>(properties);
}

} // namespace

std::shared_ptr<Properties> properties_new(rust::Vec<rust::String> arguments)
{
    Ice::StringSeq rest;
    rest.reserve(arguments.size());
    for (const auto& argument : arguments)
    {
        rest.emplace_back(argument);
    }
    auto properties = Ice::createProperties(rest);
    // What has a prefix that Ice does not know, those of adapters among them, is left over above.
    properties->parseCommandLineOptions("", rest);
    return properties;
}

std::shared_ptr<Properties> properties_copy(const Properties& properties)
{
    return access(properties).clone();
}

rust::String properties_get(const Properties& properties, rust::Str key)
{
    return lossy(access(properties).getProperty(std::string(key)));
}

rust::Vec<rust::String> properties_list(const Properties& properties, rust::Str key)
{
    rust::Vec<rust::String> list;
    for (const auto& element : access(properties).getPropertyAsList(std::string(key)))
    {
        list.push_back(lossy(element));
    }
    return list;
}

rust::Vec<Entry> properties_for_prefix(const Properties& properties, rust::Str prefix)
{
    rust::Vec<Entry> entries;
    for (const auto& [key, value] : access(properties).getPropertiesForPrefix(std::string(prefix)))
    {
        entries.push_back({lossy(key), lossy(value)});
    }
    return entries;
}

void properties_set(const Properties& properties, rust::Str key, rust::Str value)
{
    access(properties).setProperty(std::string(key), std::string(value));
}

} // namespace ice_sys
