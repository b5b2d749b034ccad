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

std::shared_ptr<ObjectPrx> communicator_default_locator(const Communicator& communicator)
{
    return communicator.getDefaultLocator();
}

void communicator_set_default_locator(const Communicator& communicator, const std::shared_ptr<ObjectPrx>& locator)
{
    access(communicator).setDefaultLocator(Ice::uncheckedCast<Ice::LocatorPrx>(locator));
}

std::shared_ptr<ObjectPrx> communicator_default_router(const Communicator& communicator)
{
    return communicator.getDefaultRouter();
}

void communicator_set_default_router(const Communicator& communicator, const std::shared_ptr<ObjectPrx>& router)
{
    access(communicator).setDefaultRouter(Ice::uncheckedCast<Ice::RouterPrx>(router));
}

std::shared_ptr<ObjectPrx> communicator_admin(const Communicator& communicator)
{
    return communicator.getAdmin();
}

std::shared_ptr<ObjectPrx> communicator_create_admin(
    const Communicator& communicator, const std::shared_ptr<ObjectAdapter>& adapter, const Name& identity)
{
    return access(communicator)
        .createAdmin(adapter, {std::string(identity.name), std::string(identity.category)});
}

rust::Vec<rust::String> communicator_admin_facets(const Communicator& communicator)
{
    rust::Vec<rust::String> names;
    for (const auto& [name, servant] : access(communicator).findAllAdminFacets())
    {
        names.push_back(lossy(name));
    }
    return names;
}

void communicator_add_admin_facet(
    const Communicator& communicator, const std::shared_ptr<Object>& servant, rust::Str facet)
{
    access(communicator).addAdminFacet(servant, std::string(facet));
}

void communicator_remove_admin_facet(const Communicator& communicator, rust::Str facet)
{
    access(communicator).removeAdminFacet(std::string(facet));
}

rust::String identity_to_string(const Name& identity, std::uint8_t mode)
{
    return lossy(Ice::identityToString(
        {std::string(identity.name), std::string(identity.category)}, static_cast<Ice::ToStringMode>(mode)));
}

Name identity_from_string(rust::Str text)
{
    const auto identity = Ice::stringToIdentity(std::string(text));
    return {lossy(identity.name), lossy(identity.category)};
}

} // namespace ice_sys
