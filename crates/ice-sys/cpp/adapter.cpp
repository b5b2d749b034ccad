// Object adapters.

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

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

} // namespace

std::shared_ptr<ObjectPrx> adapter_add(
    const ObjectAdapter& adapter, rust::Box<ServantBox> servant, const Name& identity, rust::Str facet)
{
    return access(adapter).addFacet(make_servant(std::move(servant)), identity_of(identity), std::string(facet));
}

void adapter_remove(const ObjectAdapter& adapter, const Name& identity, rust::Str facet)
{
    access(adapter).removeFacet(identity_of(identity), std::string(facet));
}

std::shared_ptr<ObjectPrx> adapter_proxy(const ObjectAdapter& adapter, const Name& identity)
{
    return adapter.createProxy(identity_of(identity));
}

rust::Vec<rust::String> adapter_endpoints(const ObjectAdapter& adapter, bool published)
{
    rust::Vec<rust::String> endpoints;
    for (const auto& endpoint : published ? adapter.getPublishedEndpoints() : adapter.getEndpoints())
    {
        endpoints.push_back(lossy(endpoint->toString()));
    }
    return endpoints;
}

rust::String adapter_name(const ObjectAdapter& adapter)
{
    return lossy(adapter.getName());
}

void adapter_activate(const ObjectAdapter& adapter)
{
    access(adapter).activate();
}

void adapter_deactivate(const ObjectAdapter& adapter)
{
    access(adapter).deactivate();
}

void adapter_destroy(const ObjectAdapter& adapter)
{
    access(adapter).destroy();
}

} // namespace ice_sys
