// Proxies and the calls through them.

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

namespace ice_sys {

namespace {

// Bits of proxy_traits.
constexpr std::uint8_t is_twoway = 1;
constexpr std::uint8_t encoding_1_0 = 2;

Ice::EncodingVersion encoding(std::uint8_t minor)
{
    return {1, minor};
}

std::shared_ptr<ObjectPrx> shared(const ObjectPrx& proxy)
{
    return const_cast<ObjectPrx&>(proxy).shared_from_this();
}

} // namespace

rust::String proxy_to_string(const ObjectPrx& proxy)
{
    return lossy(proxy.ice_toString());
}

bool proxy_equals(const ObjectPrx& left, const ObjectPrx& right)
{
    return left == right;
}

std::uint32_t proxy_hash(const ObjectPrx& proxy)
{
    return static_cast<std::uint32_t>(proxy._hash());
}

std::uint8_t proxy_traits(const ObjectPrx& proxy)
{
    return static_cast<std::uint8_t>(
        (proxy.ice_isTwoway() ? is_twoway : 0) |
        (proxy.ice_getEncodingVersion() == Ice::Encoding_1_0 ? encoding_1_0 : 0));
}

Name proxy_identity(const ObjectPrx& proxy)
{
    const auto identity = proxy.ice_getIdentity();
    return {lossy(identity.name), lossy(identity.category)};
}

rust::String proxy_facet(const ObjectPrx& proxy)
{
    return lossy(proxy.ice_getFacet());
}

rust::Vec<Entry> proxy_context(const ObjectPrx& proxy)
{
    rust::Vec<Entry> entries;
    for (const auto& [key, value] : proxy.ice_getContext())
    {
        entries.push_back({lossy(key), lossy(value)});
    }
    return entries;
}

std::shared_ptr<ObjectPrx> proxy_with_identity(const ObjectPrx& proxy, const Name& identity)
{
    return proxy.ice_identity({std::string(identity.name), std::string(identity.category)});
}

std::shared_ptr<ObjectPrx> proxy_with_facet(const ObjectPrx& proxy, rust::Str facet)
{
    return proxy.ice_facet(std::string(facet));
}

std::shared_ptr<ObjectPrx> proxy_with_context(const ObjectPrx& proxy, const rust::Vec<Entry>& entries)
{
    Ice::Context context;
    for (const auto& entry : entries)
    {
        context.emplace(std::string(entry.key), std::string(entry.value));
    }
    return proxy.ice_context(context);
}

std::shared_ptr<ObjectPrx> proxy_with_endpoints(const ObjectPrx& proxy, rust::Str endpoints)
{
    // Ice reads endpoints only as a part of a proxy.
    const auto bearer = proxy.ice_getCommunicator()->stringToProxy("bearer:" + std::string(endpoints));
    return proxy.ice_endpoints(bearer->ice_getEndpoints());
}

std::shared_ptr<ObjectPrx> proxy_with_invocation_timeout(const ObjectPrx& proxy, std::int32_t milliseconds)
{
    return proxy.ice_invocationTimeout(milliseconds);
}

std::shared_ptr<ObjectPrx> proxy_with_connection_id(const ObjectPrx& proxy, rust::Str id)
{
    return proxy.ice_connectionId(std::string(id));
}

std::shared_ptr<ObjectPrx> proxy_with_encoding(const ObjectPrx& proxy, std::uint8_t minor)
{
    return proxy.ice_encodingVersion(encoding(minor));
}

std::shared_ptr<ObjectPrx> proxy_with_mode(const ObjectPrx& proxy, std::uint8_t mode)
{
    switch (mode)
    {
        case 0:
            return proxy.ice_twoway();
        case 1:
            return proxy.ice_oneway();
        case 2:
            return proxy.ice_datagram();
        case 3:
            return proxy.ice_batchOneway();
        default:
            return proxy.ice_batchDatagram();
    }
}

std::shared_ptr<ObjectPrx> proxy_with_secure(const ObjectPrx& proxy, bool secure)
{
    return proxy.ice_secure(secure);
}

std::shared_ptr<ObjectPrx> proxy_with_collocation_optimized(const ObjectPrx& proxy, bool optimized)
{
    return proxy.ice_collocationOptimized(optimized);
}

std::shared_ptr<ObjectPrx> proxy_with_connection_cached(const ObjectPrx& proxy, bool cached)
{
    return proxy.ice_connectionCached(cached);
}

void proxy_write(const ObjectPrx& proxy, std::uint8_t encoding_minor, ByteSink& sink)
{
    Ice::OutputStream stream(proxy.ice_getCommunicator(), encoding(encoding_minor));
    stream.write(shared(proxy));
    append(sink, {stream.b.begin(), stream.b.size()});
}

ProxyRead proxy_read(const std::shared_ptr<Communicator>& communicator, std::uint8_t encoding_minor, Bytes bytes)
{
    Ice::InputStream stream(
        communicator, encoding(encoding_minor), std::make_pair(bytes.data(), bytes.data() + bytes.size()));
    auto proxy = stream.readProxy();
    return {std::move(proxy), static_cast<std::size_t>(stream.i - stream.b.begin())};
}

std::shared_ptr<Communicator> proxy_communicator(const ObjectPrx& proxy)
{
    return proxy.ice_getCommunicator();
}

void proxy_connect(const ObjectPrx& proxy, rust::Box<ConnectionSlot> slot)
{
    // std::function must be copyable: the slot is shared, and filled once.
    auto shared_slot = std::make_shared<rust::Box<ConnectionSlot>>(std::move(slot));
    const_cast<ObjectPrx&>(proxy).ice_getConnectionAsync(
        [shared_slot](std::shared_ptr<Connection> connection) {
            connected(**shared_slot, std::move(connection));
        },
        [shared_slot](std::exception_ptr error) {
            const auto what = describe(error);
            not_connected(**shared_slot, bytes_of(what.type_id), bytes_of(what.reason));
        });
}

std::shared_ptr<Connection> proxy_cached_connection(const ObjectPrx& proxy)
{
    return proxy.ice_getCachedConnection();
}

} // namespace ice_sys
