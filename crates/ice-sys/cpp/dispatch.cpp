// Requests that come in, from the thread of Ice that reads them to the servant in Rust.

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

namespace ice_sys {

namespace {

// The place in this file is of no use to whoever reads of the exception in a log.
const char* const nowhere = nullptr;

// The runtime fills in identity, facet and operation where they are left empty.
std::exception_ptr exception_for(Refusal refusal, rust::Str reason)
{
    switch (refusal)
    {
        case Refusal::ObjectNotExist:
            return std::make_exception_ptr(Ice::ObjectNotExistException(nowhere, 0));
        case Refusal::FacetNotExist:
            return std::make_exception_ptr(Ice::FacetNotExistException(nowhere, 0));
        case Refusal::OperationNotExist:
            return std::make_exception_ptr(Ice::OperationNotExistException(nowhere, 0));
        case Refusal::UnknownLocal:
            return std::make_exception_ptr(Ice::UnknownLocalException(nowhere, 0, std::string(reason)));
        case Refusal::UnknownUser:
            return std::make_exception_ptr(Ice::UnknownUserException(nowhere, 0, std::string(reason)));
        default:
            return std::make_exception_ptr(Ice::UnknownException(nowhere, 0, std::string(reason)));
    }
}

// From here on the results are not copied into the stream: their own memory takes its place.
constexpr std::size_t worth_swapping = 4096;

void write_results(IceInternal::IncomingBase& request, bool oneway, std::size_t size, MessageBuffer& buffer)
{
    if (oneway)
    {
        return;
    }
    auto& stream = *request.startWriteParams();
    const auto head = stream.b.size();
    if (size < head || size > buffer.room())
    {
        throw Ice::MarshalException(__FILE__, __LINE__, "no buffer for a reply");
    }
    if (size - head < worth_swapping)
    {
        stream.writeBlob(buffer.data() + head, static_cast<Ice::Int>(size - head));
    }
    else
    {
        std::copy(stream.b.begin(), stream.b.end(), buffer.data());
        buffer.bytes.resize(size);
        stream.b.swap(buffer.bytes);
    }
    request.endWriteParams();
}

void write_reply(IceInternal::IncomingBase& request, bool oneway, Reply reply, Bytes bytes)
{
    if (oneway)
    {
        return;
    }
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<Ice::Int>::max()) - 1024)
    {
        throw Ice::MemoryLimitException(__FILE__, __LINE__, "2 GiB and more do not fit into a message");
    }
    const auto size = static_cast<Ice::Int>(bytes.size());
    request.writeParamEncaps(bytes.data(), size, reply == Reply::Encapsulation);
}

// One servant class for every interface: requests go to Rust as bytes.
class Servant final : public Ice::Object
{
public:
    explicit Servant(rust::Box<ServantBox> servant) : servant_(std::move(servant)) {}

    bool _iceDispatch(IceInternal::Incoming& request, const Ice::Current&) override
    {
        Incoming incoming(request);
        dispatch(*servant_, incoming);
        return incoming.answered();
    }

    const ServantBox& servant() const { return *servant_; }

private:
    const rust::Box<ServantBox> servant_;
};

} // namespace

rust::Vec<Entry> Current::context() const
{
    rust::Vec<Entry> entries;
    for (const auto& [key, value] : current_.ctx)
    {
        entries.push_back({lossy(key), lossy(value)});
    }
    return entries;
}

Responder::~Responder()
{
    try
    {
        if (request_ && oneway_)
        {
            // Nobody is to be told.
            const auto request = std::move(request_);
            request->completed();
        }
        else if (request_)
        {
            refuse(Refusal::Unknown, "the servant did not answer");
        }
    }
    catch (...)
    {
        // The connection is gone, or there is no memory: nobody is left to be told.
    }
}

void Responder::reply(Reply reply, Bytes bytes)
{
    write_reply(*request_, oneway_, reply, bytes);
    const auto request = std::move(request_);
    request->completed();
}

void Responder::results(std::size_t size, MessageBuffer& buffer)
{
    write_results(*request_, oneway_, size, buffer);
    const auto request = std::move(request_);
    request->completed();
}

void Responder::refuse(Refusal refusal, rust::Str reason)
{
    const auto request = std::move(request_);
    request->completed(exception_for(refusal, reason));
}

Incoming::Incoming(IceInternal::Incoming& request) : request_(request), current_(request.getCurrent())
{
    const Ice::Byte* begin = nullptr;
    Ice::Int size = 0;
    request.readParamEncaps(begin, size);
    params_ = {begin, static_cast<std::size_t>(size)};
}

void Incoming::begin_answer()
{
    if (state_ != State::open)
    {
        throw Ice::ResponseSentException(__FILE__, __LINE__);
    }
    // Where it cannot be written to its end, a part of it is there. A refusal clears that: nothing else may follow.
    state_ = State::spoiled;
}

void Incoming::reply(Reply reply, Bytes bytes)
{
    begin_answer();
    write_reply(request_, oneway(), reply, bytes);
    state_ = State::replied;
}

void Incoming::results(std::size_t size, MessageBuffer& buffer)
{
    begin_answer();
    write_results(request_, oneway(), size, buffer);
    state_ = State::replied;
}

void Incoming::refuse(Refusal refusal, rust::Str reason)
{
    if (state_ != State::open && state_ != State::spoiled)
    {
        return;
    }
    refusal_ = exception_for(refusal, reason);
    state_ = State::refused;
}

std::unique_ptr<Responder> Incoming::defer()
{
    auto responder = std::make_unique<Responder>(IceInternal::IncomingAsync::create(request_), oneway());
    state_ = State::deferred;
    return responder;
}

bool Incoming::answered()
{
    switch (state_)
    {
        case State::replied:
            return true;
        case State::deferred:
            return false;
        case State::refused:
            std::rethrow_exception(refusal_);
        default:
            throw Ice::UnknownException(__FILE__, __LINE__, "the servant did not answer");
    }
}

std::shared_ptr<Object> make_servant(rust::Box<ServantBox> servant)
{
    return std::make_shared<Servant>(std::move(servant));
}

const ServantBox& servant_of(const Object& servant)
{
    return dynamic_cast<const Servant&>(servant).servant();
}

} // namespace ice_sys
