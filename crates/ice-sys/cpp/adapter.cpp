// Object adapters.

#include "ice-sys/cpp/adapter.h"
#include "ice-sys/src/bridge.rs.h"
#include "ice-sys/src/bridge/adapter.rs.h"

namespace ice_sys {

namespace {

ObjectAdapter& access(const ObjectAdapter& adapter)
{
    return const_cast<ObjectAdapter&>(adapter);
}

Ice::Identity identity_of(const Name& identity)
{
    return {std::string(identity.name), std::string(identity.category)};
}

rust::Vec<Facet> facets_of(const Ice::FacetMap& map)
{
    rust::Vec<Facet> facets;
    for (const auto& [name, servant] : map)
    {
        facets.push_back({lossy(name), servant});
    }
    return facets;
}

} // namespace

std::shared_ptr<ObjectAdapter> adapter_with_router(
    const Communicator& communicator, rust::Str name, const std::shared_ptr<ObjectPrx>& router)
{
    return const_cast<Communicator&>(communicator)
        .createObjectAdapterWithRouter(std::string(name), Ice::uncheckedCast<Ice::RouterPrx>(router));
}

std::shared_ptr<ObjectPrx> adapter_add(
    const ObjectAdapter& adapter, const std::shared_ptr<Object>& servant, const Name& identity, rust::Str facet)
{
    return access(adapter).addFacet(servant, identity_of(identity), std::string(facet));
}

void adapter_add_default(const ObjectAdapter& adapter, const std::shared_ptr<Object>& servant, rust::Str category)
{
    access(adapter).addDefaultServant(servant, std::string(category));
}

std::shared_ptr<Object> adapter_remove(const ObjectAdapter& adapter, const Name& identity, rust::Str facet)
{
    return access(adapter).removeFacet(identity_of(identity), std::string(facet));
}

rust::Vec<Facet> adapter_remove_all(const ObjectAdapter& adapter, const Name& identity)
{
    return facets_of(access(adapter).removeAllFacets(identity_of(identity)));
}

std::shared_ptr<Object> adapter_remove_default(const ObjectAdapter& adapter, rust::Str category)
{
    return access(adapter).removeDefaultServant(std::string(category));
}

std::shared_ptr<Object> adapter_find(const ObjectAdapter& adapter, const Name& identity, rust::Str facet)
{
    return adapter.findFacet(identity_of(identity), std::string(facet));
}

rust::Vec<Facet> adapter_find_all(const ObjectAdapter& adapter, const Name& identity)
{
    return facets_of(adapter.findAllFacets(identity_of(identity)));
}

std::shared_ptr<Object> adapter_find_default(const ObjectAdapter& adapter, rust::Str category)
{
    return adapter.findDefaultServant(std::string(category));
}

std::shared_ptr<Object> adapter_find_by_proxy(const ObjectAdapter& adapter, const std::shared_ptr<ObjectPrx>& proxy)
{
    return adapter.findByProxy(proxy);
}

void adapter_add_locator(
    const ObjectAdapter& adapter, const std::shared_ptr<ServantLocator>& locator, rust::Str category)
{
    access(adapter).addServantLocator(locator, std::string(category));
}

std::shared_ptr<ServantLocator> adapter_remove_locator(const ObjectAdapter& adapter, rust::Str category)
{
    return access(adapter).removeServantLocator(std::string(category));
}

std::shared_ptr<ServantLocator> adapter_find_locator(const ObjectAdapter& adapter, rust::Str category)
{
    return adapter.findServantLocator(std::string(category));
}

std::shared_ptr<ObjectPrx> adapter_proxy(const ObjectAdapter& adapter, const Name& identity, std::uint8_t kind)
{
    switch (kind)
    {
        case 0:
            return adapter.createProxy(identity_of(identity));
        case 1:
            return adapter.createDirectProxy(identity_of(identity));
        default:
            return adapter.createIndirectProxy(identity_of(identity));
    }
}

void adapter_set_published_endpoints(const ObjectAdapter& adapter, rust::Str endpoints)
{
    Ice::EndpointSeq published;
    if (!endpoints.empty())
    {
        // Ice reads endpoints only as a part of a proxy.
        const auto bearer = adapter.getCommunicator()->stringToProxy("bearer:" + std::string(endpoints));
        published = bearer->ice_getEndpoints();
    }
    access(adapter).setPublishedEndpoints(published);
}

void adapter_refresh_published_endpoints(const ObjectAdapter& adapter)
{
    access(adapter).refreshPublishedEndpoints();
}

std::shared_ptr<ObjectPrx> adapter_locator(const ObjectAdapter& adapter)
{
    return adapter.getLocator();
}

void adapter_set_locator(const ObjectAdapter& adapter, const std::shared_ptr<ObjectPrx>& locator)
{
    access(adapter).setLocator(Ice::uncheckedCast<Ice::LocatorPrx>(locator));
}

rust::String adapter_name(const ObjectAdapter& adapter)
{
    return lossy(adapter.getName());
}

void adapter_activate(const ObjectAdapter& adapter)
{
    access(adapter).activate();
}

void adapter_hold(const ObjectAdapter& adapter)
{
    access(adapter).hold();
}

void adapter_wait_for_hold(const ObjectAdapter& adapter)
{
    access(adapter).waitForHold();
}

void adapter_deactivate(const ObjectAdapter& adapter)
{
    access(adapter).deactivate();
}

void adapter_wait_for_deactivate(const ObjectAdapter& adapter)
{
    access(adapter).waitForDeactivate();
}

bool adapter_is_deactivated(const ObjectAdapter& adapter)
{
    return adapter.isDeactivated();
}

void adapter_destroy(const ObjectAdapter& adapter)
{
    access(adapter).destroy();
}

} // namespace ice_sys
