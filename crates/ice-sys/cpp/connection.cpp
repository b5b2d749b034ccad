// Connections.

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

namespace ice_sys {

namespace {

// Bits of connection_traits.
constexpr std::uint8_t is_incoming = 1;
constexpr std::uint8_t is_datagram = 2;

Connection& access(const Connection& connection)
{
    return const_cast<Connection&>(connection);
}

} // namespace

rust::String connection_to_string(const Connection& connection)
{
    return lossy(connection.toString());
}

rust::String connection_remote_address(const Connection& connection, std::uint16_t& port)
{
    // The transport's own information lies below that of TLS and WebSocket.
    for (auto info = connection.getInfo(); info; info = info->underlying)
    {
        if (const auto ip = std::dynamic_pointer_cast<Ice::IPConnectionInfo>(info))
        {
            port = static_cast<std::uint16_t>(ip->remotePort);
            return lossy(ip->remoteAddress);
        }
    }
    return {};
}

std::size_t connection_key(const Connection& connection)
{
    return reinterpret_cast<std::size_t>(&connection);
}

std::uint8_t connection_traits(const Connection& connection)
{
    return static_cast<std::uint8_t>(
        (connection.getInfo()->incoming ? is_incoming : 0) | (connection.type() == "udp" ? is_datagram : 0));
}

void connection_on_close(const Connection& connection, rust::Box<CloseListener> listener)
{
    auto shared = std::make_shared<rust::Box<CloseListener>>(std::move(listener));
    access(connection).setCloseCallback([shared](const std::shared_ptr<Connection>& closed_connection) {
        Description what;
        try
        {
            closed_connection->throwException();
        }
        catch (...)
        {
            what = describe(std::current_exception());
        }
        closed(**shared, bytes_of(what.type_id), bytes_of(what.reason));
    });
}

void connection_close(const Connection& connection, std::uint8_t how)
{
    access(connection).close(static_cast<Ice::ConnectionClose>(how));
}

void connection_error(const Connection& connection)
{
    connection.throwException();
}

rust::Vec<std::int32_t> connection_acm(const Connection& connection)
{
    const auto acm = access(connection).getACM();
    rust::Vec<std::int32_t> numbers;
    numbers.push_back(acm.timeout);
    numbers.push_back(static_cast<std::int32_t>(acm.close));
    numbers.push_back(static_cast<std::int32_t>(acm.heartbeat));
    return numbers;
}

void connection_on_heartbeat(const Connection& connection, rust::Box<HeartbeatListener> listener)
{
    auto shared = std::make_shared<rust::Box<HeartbeatListener>>(std::move(listener));
    access(connection).setHeartbeatCallback([shared](const std::shared_ptr<Connection>&) { heartbeat(**shared); });
}

void connection_ignore_heartbeats(const Connection& connection)
{
    access(connection).setHeartbeatCallback(nullptr);
}

rust::String connection_transport(const Connection& connection)
{
    return lossy(connection.type());
}

std::int32_t connection_timeout(const Connection& connection)
{
    return connection.timeout();
}

void connection_set_buffer_sizes(const Connection& connection, std::int32_t receive, std::int32_t send)
{
    access(connection).setBufferSize(receive, send);
}

std::shared_ptr<ObjectAdapter> connection_adapter(const Connection& connection)
{
    return connection.getAdapter();
}

void connection_set_acm(const Connection& connection, std::int32_t timeout, std::int8_t close, std::int8_t heartbeat)
{
    Ice::optional<int> new_timeout;
    Ice::optional<Ice::ACMClose> new_close;
    Ice::optional<Ice::ACMHeartbeat> new_heartbeat;
    if (timeout >= 0)
    {
        new_timeout = timeout;
    }
    if (close >= 0)
    {
        new_close = static_cast<Ice::ACMClose>(close);
    }
    if (heartbeat >= 0)
    {
        new_heartbeat = static_cast<Ice::ACMHeartbeat>(heartbeat);
    }
    access(connection).setACM(new_timeout, new_close, new_heartbeat);
}

std::shared_ptr<ObjectPrx> connection_proxy(const Connection& connection, const Name& identity)
{
    return connection.createProxy({std::string(identity.name), std::string(identity.category)});
}

void connection_set_adapter(const Connection& connection, const std::shared_ptr<ObjectAdapter>& adapter)
{
    access(connection).setAdapter(adapter);
}

} // namespace ice_sys
