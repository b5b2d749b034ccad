// Communicators: the root of everything else.

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

namespace ice_sys {

namespace {

Communicator& access(const Communicator& communicator)
{
    return const_cast<Communicator&>(communicator);
}

} // namespace

std::shared_ptr<Communicator> communicator_new(const std::shared_ptr<Properties>& properties)
{
    take_in_checked_lengths();
    Ice::InitializationData data;
    data.properties = properties;
    data.logger = make_logger();
    return Ice::initialize(data);
}

void communicator_destroy(const Communicator& communicator)
{
    access(communicator).destroy();
}

void communicator_shutdown(const Communicator& communicator)
{
    access(communicator).shutdown();
}

void communicator_wait_for_shutdown(const Communicator& communicator)
{
    access(communicator).waitForShutdown();
}

bool communicator_is_shutdown(const Communicator& communicator)
{
    return communicator.isShutdown();
}

std::shared_ptr<ObjectPrx> communicator_proxy(const Communicator& communicator, rust::Str text)
{
    return communicator.stringToProxy(std::string(text));
}

std::shared_ptr<ObjectPrx> communicator_proxy_from_property(const Communicator& communicator, rust::Str key)
{
    return communicator.propertyToProxy(std::string(key));
}

std::shared_ptr<ObjectAdapter> communicator_adapter(const Communicator& communicator, rust::Str name)
{
    return access(communicator).createObjectAdapter(std::string(name));
}

std::shared_ptr<ObjectAdapter>
communicator_adapter_with_endpoints(const Communicator& communicator, rust::Str name, rust::Str endpoints)
{
    return access(communicator).createObjectAdapterWithEndpoints(std::string(name), std::string(endpoints));
}

rust::String identity_to_string(const Name& identity)
{
    return lossy(Ice::identityToString({std::string(identity.name), std::string(identity.category)}));
}

Name identity_from_string(rust::Str text)
{
    const auto identity = Ice::stringToIdentity(std::string(text));
    return {lossy(identity.name), lossy(identity.category)};
}

} // namespace ice_sys
