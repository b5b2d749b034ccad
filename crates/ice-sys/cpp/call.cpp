// Calls: a request goes out, and whoever waits for its answer is woken.

#include "ice-sys/cpp/call.h"
#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge/call.rs.h"

#include <limits>

namespace ice_sys {

Call::Call(const std::shared_ptr<ObjectPrx>& proxy, std::string operation, rust::Box<Waiter> waiter)
    : OutgoingAsync(proxy, false), operation_(std::move(operation)), waiter_(std::move(waiter)), end_(End::Waiting)
{
}

Call::~Call() = default;

bool Call::is_batch() const
{
    return _proxy->ice_isBatchOneway() || _proxy->ice_isBatchDatagram();
}

void Call::begin()
{
    OutgoingAsync::prepare(operation_, mode_, Ice::noExplicitContext);
    startWriteParams(Ice::FormatType::DefaultFormat);
}

void Call::prepare(Ice::OperationMode mode, MessageBuffer& buffer)
{
    mode_ = mode;
    // The stream of a batch is shared by its requests, and held from begin to end: no code of others runs then.
    if (!is_batch())
    {
        begin();
        head_ = _os.b.size();
        buffer.bytes.swap(_os.b);
        _os.b.clear();
    }
    else
    {
        buffer.release();
    }
}

void Call::send(std::size_t size, MessageBuffer& buffer)
{
    if (size < head_ || size > buffer.room())
    {
        throw Ice::MarshalException(__FILE__, __LINE__, "the buffer of another message");
    }
    buffer.bytes.resize(size);
    invoke_with([&] {
        if (is_batch())
        {
            begin();
            _os.writeBlob(buffer.data(), static_cast<Ice::Int>(size));
        }
        else
        {
            _os.b.swap(buffer.bytes);
            buffer.release();
        }
        endWriteParams();
    });
}

void Call::send_encapsulated(Ice::OperationMode mode, Bytes params)
{
    if (params.size() > static_cast<std::size_t>(std::numeric_limits<Ice::Int>::max()) - 1024)
    {
        throw Ice::MemoryLimitException(__FILE__, __LINE__, "2 GiB and more do not fit into a message");
    }
    invoke_with([&] {
        OutgoingAsync::prepare(operation_, mode, Ice::noExplicitContext);
        writeParamEncaps(params.data(), static_cast<Ice::Int>(params.size()));
    });
}

template<typename Write>
void Call::invoke_with(Write&& write)
{
    try
    {
        write();
        OutgoingAsync::invoke(operation_);
    }
    catch (const Ice::Exception& error)
    {
        try
        {
            abort(error);
        }
        catch (const Ice::Exception&)
        {
            // A destroyed communicator is thrown, reported or not: with an invocation time-out it is not, because
            // the timer to be cancelled is gone.
            handleException(error);
        }
    }
}

// A oneway request is done once it is sent: no response comes.
bool Call::handleSent(bool done, bool)
{
    if (done)
    {
        finish(End::Returned);
    }
    return false;
}

bool Call::handleResponse(bool returned)
{
    if (!_is.b.empty())
    {
        const Ice::Byte* begin = nullptr;
        Ice::Int size = 0;
        _is.readEncapsulation(begin, size);
        reply_ = {begin, static_cast<std::size_t>(size)};
    }
    finish(returned ? End::Returned : End::Raised);
    return false;
}

bool Call::handleException(const Ice::Exception& error)
{
    if (end() == End::Waiting)
    {
        failure_ = describe(error);
        finish(End::Failed);
    }
    return false;
}

// The runtime tells the end under its lock, and may tell of a later one, which changes nothing.
void Call::finish(End how)
{
    if (end() == End::Waiting)
    {
        end_.store(how, std::memory_order_release);
        wake(*waiter_);
    }
}

void Call::take_reply(MessageBuffer& spare)
{
    reply_ = {};
    spare.bytes.swap(_is.b);
    // Empties it and keeps the memory.
    spare.bytes.reset();
}

Bytes Call::failure_type() const
{
    return bytes_of(failure_.type_id);
}

Bytes Call::failure_reason() const
{
    return bytes_of(failure_.reason);
}

std::shared_ptr<Call> call_prepare(
    const std::shared_ptr<ObjectPrx>& proxy, rust::Str operation, std::uint8_t mode, rust::Box<Waiter> waiter,
    MessageBuffer& buffer)
{
    auto call = std::make_shared<Call>(proxy, std::string(operation), std::move(waiter));
    call->prepare(static_cast<Ice::OperationMode>(mode), buffer);
    return call;
}

void call_send(const std::shared_ptr<Call>& call, std::size_t size, MessageBuffer& buffer)
{
    call->send(size, buffer);
}

std::shared_ptr<Call> call_encapsulated(
    const std::shared_ptr<ObjectPrx>& proxy, rust::Str operation, std::uint8_t mode, rust::Box<Waiter> waiter,
    Bytes params)
{
    auto call = std::make_shared<Call>(proxy, std::string(operation), std::move(waiter));
    call->send_encapsulated(static_cast<Ice::OperationMode>(mode), params);
    return call;
}

void call_cancel(const std::shared_ptr<Call>& call)
{
    call->cancel();
}

void call_lend(const std::shared_ptr<Call>& call, MessageBuffer& spare)
{
    call->lend(spare);
}

void call_take_reply(const std::shared_ptr<Call>& call, MessageBuffer& spare)
{
    call->take_reply(spare);
}

} // namespace ice_sys
