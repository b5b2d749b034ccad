// What crosses the border between Rust and the C++ runtime of Ice. Only bytes, strings and handles do.
//
// Every function here may throw: the exception becomes a Failure in Rust (failure.h).
#pragma once

#include "ice-sys/cpp/buffer.h"
#include "ice-sys/cpp/failure.h"

#include <Ice/Ice.h>
#include <rust/cxx.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace ice_sys {

using Communicator = Ice::Communicator;
using Connection = Ice::Connection;
using Object = Ice::Object;
using ObjectAdapter = Ice::ObjectAdapter;
using ObjectPrx = Ice::ObjectPrx;
using Properties = Ice::Properties;
using ServantLocator = Ice::ServantLocator;

// Defined in Rust, or shared with it.
struct Completion;
struct ConnectionSlot;
struct CloseListener;
struct HeartbeatListener;
struct ServantBox;
struct ByteSink;
struct Entry;
struct Name;
struct ProxyRead;
enum class Refusal : std::uint8_t;
enum class Reply : std::uint8_t;

using Bytes = rust::Slice<const std::uint8_t>;

inline Bytes bytes_of(const std::string& text)
{
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Text from the wire may be any bytes.
inline rust::String lossy(const std::string& text)
{
    return rust::String::lossy(text.data(), text.size());
}

// properties.cpp
std::shared_ptr<Properties> properties_new(rust::Vec<rust::String> arguments);
std::shared_ptr<Properties> properties_copy(const Properties& properties);
rust::String properties_get(const Properties& properties, rust::Str key);
rust::Vec<rust::String> properties_list(const Properties& properties, rust::Str key);
rust::Vec<Entry> properties_for_prefix(const Properties& properties, rust::Str prefix);
void properties_set(const Properties& properties, rust::Str key, rust::Str value);

// lengths.cpp
// Does nothing. That something refers to it makes the linker take in what else is there.
void take_in_checked_lengths();

// communicator.cpp
std::shared_ptr<Communicator> communicator_new(const std::shared_ptr<Properties>& properties);
void communicator_destroy(const Communicator& communicator);
void communicator_shutdown(const Communicator& communicator);
void communicator_wait_for_shutdown(const Communicator& communicator);
bool communicator_is_shutdown(const Communicator& communicator);
std::shared_ptr<ObjectPrx> communicator_proxy(const Communicator& communicator, rust::Str text);
std::shared_ptr<ObjectPrx> communicator_proxy_from_property(const Communicator& communicator, rust::Str key);
std::shared_ptr<ObjectAdapter> communicator_adapter(const Communicator& communicator, rust::Str name);
std::shared_ptr<ObjectAdapter>
communicator_adapter_with_endpoints(const Communicator& communicator, rust::Str name, rust::Str endpoints);
std::shared_ptr<ObjectPrx> communicator_default_locator(const Communicator& communicator);
void communicator_set_default_locator(const Communicator& communicator, const std::shared_ptr<ObjectPrx>& locator);
std::shared_ptr<ObjectPrx> communicator_default_router(const Communicator& communicator);
void communicator_set_default_router(const Communicator& communicator, const std::shared_ptr<ObjectPrx>& router);
std::shared_ptr<ObjectPrx> communicator_admin(const Communicator& communicator);
std::shared_ptr<ObjectPrx> communicator_create_admin(
    const Communicator& communicator, const std::shared_ptr<ObjectAdapter>& adapter, const Name& identity);
rust::Vec<rust::String> communicator_admin_facets(const Communicator& communicator);
void communicator_add_admin_facet(
    const Communicator& communicator, const std::shared_ptr<Object>& servant, rust::Str facet);
void communicator_remove_admin_facet(const Communicator& communicator, rust::Str facet);
rust::String identity_to_string(const Name& identity, std::uint8_t mode);
Name identity_from_string(rust::Str text);

// proxy.cpp
rust::String proxy_to_string(const ObjectPrx& proxy);
bool proxy_equals(const ObjectPrx& left, const ObjectPrx& right);
std::uint32_t proxy_hash(const ObjectPrx& proxy);
std::uint8_t proxy_traits(const ObjectPrx& proxy);
Name proxy_identity(const ObjectPrx& proxy);
rust::String proxy_facet(const ObjectPrx& proxy);
rust::Vec<Entry> proxy_context(const ObjectPrx& proxy);
std::shared_ptr<ObjectPrx> proxy_with_identity(const ObjectPrx& proxy, const Name& identity);
std::shared_ptr<ObjectPrx> proxy_with_facet(const ObjectPrx& proxy, rust::Str facet);
std::shared_ptr<ObjectPrx> proxy_with_context(const ObjectPrx& proxy, const rust::Vec<Entry>& context);
std::shared_ptr<ObjectPrx> proxy_with_endpoints(const ObjectPrx& proxy, rust::Str endpoints);
std::shared_ptr<ObjectPrx> proxy_with_invocation_timeout(const ObjectPrx& proxy, std::int32_t milliseconds);
std::shared_ptr<ObjectPrx> proxy_with_connection_id(const ObjectPrx& proxy, rust::Str id);
std::shared_ptr<ObjectPrx> proxy_with_encoding(const ObjectPrx& proxy, std::uint8_t minor);
std::shared_ptr<ObjectPrx> proxy_with_mode(const ObjectPrx& proxy, std::uint8_t mode);
std::shared_ptr<ObjectPrx> proxy_with_secure(const ObjectPrx& proxy, bool secure);
std::shared_ptr<ObjectPrx> proxy_with_collocation_optimized(const ObjectPrx& proxy, bool optimized);
std::shared_ptr<ObjectPrx> proxy_with_connection_cached(const ObjectPrx& proxy, bool cached);
void proxy_write(const ObjectPrx& proxy, std::uint8_t encoding_minor, ByteSink& sink);
ProxyRead proxy_read(const std::shared_ptr<Communicator>& communicator, std::uint8_t encoding_minor, Bytes bytes);
std::shared_ptr<Communicator> proxy_communicator(const ObjectPrx& proxy);
void proxy_connect(const ObjectPrx& proxy, rust::Box<ConnectionSlot> slot);
std::shared_ptr<Connection> proxy_cached_connection(const ObjectPrx& proxy);

// sent.cpp
void proxy_flush(const ObjectPrx& proxy, rust::Box<Completion> completion);
void connection_flush(const Connection& connection, std::uint8_t compress, rust::Box<Completion> completion);
void connection_heartbeat(const Connection& connection, rust::Box<Completion> completion);
void communicator_flush(const Communicator& communicator, std::uint8_t compress, rust::Box<Completion> completion);

// connection.cpp
rust::String connection_to_string(const Connection& connection);
rust::String connection_remote_address(const Connection& connection, std::uint16_t& port);
std::size_t connection_key(const Connection& connection);
std::uint8_t connection_traits(const Connection& connection);
void connection_on_close(const Connection& connection, rust::Box<CloseListener> listener);
void connection_close(const Connection& connection, std::uint8_t how);
void connection_error(const Connection& connection);
rust::Vec<std::int32_t> connection_acm(const Connection& connection);
void connection_on_heartbeat(const Connection& connection, rust::Box<HeartbeatListener> listener);
void connection_ignore_heartbeats(const Connection& connection);
rust::String connection_transport(const Connection& connection);
std::int32_t connection_timeout(const Connection& connection);
void connection_set_buffer_sizes(const Connection& connection, std::int32_t receive, std::int32_t send);
std::shared_ptr<ObjectAdapter> connection_adapter(const Connection& connection);
void connection_set_acm(const Connection& connection, std::int32_t timeout, std::int8_t close, std::int8_t heartbeat);
std::shared_ptr<ObjectPrx> connection_proxy(const Connection& connection, const Name& identity);
void connection_set_adapter(const Connection& connection, const std::shared_ptr<ObjectAdapter>& adapter);

// dispatch.cpp

// The circumstances of one request, to keep beyond its dispatch.
class Current
{
public:
    explicit Current(const Ice::Current& current) : current_(current) {}

    Bytes operation() const { return bytes_of(current_.operation); }
    Bytes facet() const { return bytes_of(current_.facet); }
    Bytes identity_name() const { return bytes_of(current_.id.name); }
    Bytes identity_category() const { return bytes_of(current_.id.category); }
    rust::Vec<Entry> context() const;
    std::uint8_t encoding_minor() const { return current_.encoding.minor; }
    std::uint8_t mode() const { return static_cast<std::uint8_t>(current_.mode); }
    std::int32_t request_id() const { return current_.requestId; }
    std::shared_ptr<Connection> connection() const { return current_.con; }
    std::size_t connection_key() const { return reinterpret_cast<std::size_t>(current_.con.get()); }
    std::shared_ptr<ObjectAdapter> adapter() const { return current_.adapter; }
    std::shared_ptr<Communicator> communicator() const { return current_.adapter->getCommunicator(); }

private:
    const Ice::Current current_;
};

// Answers a request after its dispatch has returned; says so if it is destroyed before.
class Responder
{
public:
    explicit Responder(std::shared_ptr<IceInternal::IncomingAsync> request, bool oneway)
        : request_(std::move(request)), oneway_(oneway)
    {
    }
    ~Responder();
    Responder(const Responder&) = delete;
    Responder& operator=(const Responder&) = delete;

    void reply(Reply reply, Bytes bytes);
    void results(std::size_t size, MessageBuffer& buffer);
    void refuse(Refusal refusal, rust::Str reason);

private:
    std::shared_ptr<IceInternal::IncomingAsync> request_;
    const bool oneway_;
};

// One request while it is dispatched on a thread of Ice.
class Incoming
{
public:
    explicit Incoming(IceInternal::Incoming& request);

    Bytes operation() const { return bytes_of(current_.operation); }
    Bytes params() const { return params_; }
    bool oneway() const { return current_.requestId == 0; }
    std::shared_ptr<Current> current() const { return std::make_shared<Current>(current_); }
    std::size_t connection_key() const { return reinterpret_cast<std::size_t>(current_.con.get()); }
    std::shared_ptr<Connection> connection() const { return current_.con; }

    void reply(Reply reply, Bytes bytes);
    void results(std::size_t size, MessageBuffer& buffer);
    void refuse(Refusal refusal, rust::Str reason);
    std::unique_ptr<Responder> defer();

    // Whether the answer is given. Throws it where it is a refusal.
    bool answered();

private:
    enum class State { open, spoiled, replied, refused, deferred };

    void begin_answer();

    IceInternal::Incoming& request_;
    const Ice::Current& current_;
    Bytes params_;
    State state_ = State::open;
    std::exception_ptr refusal_;
};

std::shared_ptr<Object> make_servant(rust::Box<ServantBox> servant);
const ServantBox& servant_of(const Object& servant);

// locator.cpp
std::shared_ptr<ServantLocator> make_locator(const std::shared_ptr<Object>& servant);
std::shared_ptr<Object> servant_of_locator(const ServantLocator& locator);

// failure.cpp
void set_process_logger();
Ice::LoggerPtr make_logger();

} // namespace ice_sys
