// The options of proxies.

#include "ice-sys/cpp/options.h"
#include "ice-sys/src/bridge/options.rs.h"

namespace ice_sys {

namespace {

constexpr std::int32_t left_to_defaults = -2;

// The numbers of Mode in Rust.
std::uint8_t mode_of(const ObjectPrx& proxy)
{
    return proxy.ice_isTwoway()        ? 0
           : proxy.ice_isOneway()      ? 1
           : proxy.ice_isDatagram()    ? 2
           : proxy.ice_isBatchOneway() ? 3
                                       : 4;
}

} // namespace

ProxyOptions proxy_options(const ObjectPrx& proxy)
{
    const auto compress = proxy.ice_getCompress();
    const auto timeout = proxy.ice_getTimeout();
    return {
        mode_of(proxy),
        proxy.ice_isSecure(),
        proxy.ice_isPreferSecure(),
        proxy.ice_isCollocationOptimized(),
        proxy.ice_isConnectionCached(),
        proxy.ice_getEndpointSelection() == Ice::EndpointSelectionType::Ordered,
        proxy.ice_isFixed(),
        static_cast<std::int8_t>(compress ? *compress : left_to_defaults),
        timeout ? *timeout : left_to_defaults,
        proxy.ice_getInvocationTimeout(),
        proxy.ice_getLocatorCacheTimeout(),
        lossy(proxy.ice_getAdapterId()),
        lossy(proxy.ice_getConnectionId()),
    };
}

std::shared_ptr<ObjectPrx> proxy_locator(const ObjectPrx& proxy)
{
    return proxy.ice_getLocator();
}

std::shared_ptr<ObjectPrx> proxy_router(const ObjectPrx& proxy)
{
    return proxy.ice_getRouter();
}

rust::Vec<Entry>
proxy_to_property(const Communicator& communicator, const std::shared_ptr<ObjectPrx>& proxy, rust::Str key)
{
    rust::Vec<Entry> entries;
    for (const auto& [name, value] : communicator.proxyToProperty(proxy, std::string(key)))
    {
        entries.push_back({lossy(name), lossy(value)});
    }
    return entries;
}

std::shared_ptr<ObjectPrx> proxy_with_adapter_id(const ObjectPrx& proxy, rust::Str id)
{
    return proxy.ice_adapterId(std::string(id));
}

std::shared_ptr<ObjectPrx> proxy_with_locator(const ObjectPrx& proxy, const std::shared_ptr<ObjectPrx>& locator)
{
    return proxy.ice_locator(Ice::uncheckedCast<Ice::LocatorPrx>(locator));
}

std::shared_ptr<ObjectPrx> proxy_with_router(const ObjectPrx& proxy, const std::shared_ptr<ObjectPrx>& router)
{
    return proxy.ice_router(Ice::uncheckedCast<Ice::RouterPrx>(router));
}

std::shared_ptr<ObjectPrx> proxy_with_locator_cache_timeout(const ObjectPrx& proxy, std::int32_t seconds)
{
    return proxy.ice_locatorCacheTimeout(seconds);
}

std::shared_ptr<ObjectPrx> proxy_with_timeout(const ObjectPrx& proxy, std::int32_t milliseconds)
{
    return proxy.ice_timeout(milliseconds);
}

std::shared_ptr<ObjectPrx> proxy_with_compress(const ObjectPrx& proxy, bool compress)
{
    return proxy.ice_compress(compress);
}

std::shared_ptr<ObjectPrx> proxy_with_prefer_secure(const ObjectPrx& proxy, bool prefer)
{
    return proxy.ice_preferSecure(prefer);
}

std::shared_ptr<ObjectPrx> proxy_with_endpoint_order(const ObjectPrx& proxy, bool ordered)
{
    return proxy.ice_endpointSelection(
        ordered ? Ice::EndpointSelectionType::Ordered : Ice::EndpointSelectionType::Random);
}

std::shared_ptr<ObjectPrx> proxy_fixed(const ObjectPrx& proxy, const std::shared_ptr<Connection>& connection)
{
    return proxy.ice_fixed(connection);
}

} // namespace ice_sys
