// Calls: a request goes out, and its answer goes to Rust.

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

#include <limits>

namespace ice_sys {

Call::Call(const std::shared_ptr<ObjectPrx>& proxy, rust::Box<Completion> completion)
    : OutgoingAsync(proxy, false), completion_(std::move(completion))
{
}

Call::~Call() = default;

// `params` are the body of the parameters, or the whole encapsulation.
void Call::start(const std::string& operation, Ice::OperationMode mode, Bytes params, bool encapsulated)
{
    try
    {
        prepare(operation, mode, Ice::noExplicitContext);
        if (encapsulated)
        {
            writeParamEncaps(params.data(), static_cast<Ice::Int>(params.size()));
        }
        else if (params.empty())
        {
            writeEmptyParams();
        }
        else
        {
            auto* stream = startWriteParams(Ice::FormatType::DefaultFormat);
            stream->writeBlob(params.data(), static_cast<Ice::Int>(params.size()));
            endWriteParams();
        }
        OutgoingAsync::invoke(operation);
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
        finish([](Completion& completion) { succeeded(completion, true, {}); });
    }
    return false;
}

bool Call::handleResponse(bool returned)
{
    Bytes encapsulation;
    if (!_is.b.empty())
    {
        const Ice::Byte* begin = nullptr;
        Ice::Int size = 0;
        _is.readEncapsulation(begin, size);
        encapsulation = {begin, static_cast<std::size_t>(size)};
    }
    finish([&](Completion& completion) { succeeded(completion, returned, encapsulation); });
    return false;
}

bool Call::handleException(const Ice::Exception& error)
{
    finish([&](Completion& completion) {
        const auto what = describe(error);
        failed(completion, bytes_of(what.type_id), bytes_of(what.reason));
    });
    return false;
}

template<typename Finish>
void Call::finish(Finish&& how)
{
    if (completion_)
    {
        auto completion = std::move(*completion_);
        completion_.reset();
        how(*completion);
    }
}

std::shared_ptr<Call> call_start(
    const std::shared_ptr<ObjectPrx>& proxy, rust::Str operation, std::uint8_t mode, Bytes params,
    bool encapsulated, rust::Box<Completion> completion)
{
    if (params.size() > static_cast<std::size_t>(std::numeric_limits<Ice::Int>::max()) - 1024)
    {
        throw Ice::MemoryLimitException(__FILE__, __LINE__, "2 GiB and more do not fit into a message");
    }
    auto call = std::make_shared<Call>(proxy, std::move(completion));
    call->start(std::string(operation), static_cast<Ice::OperationMode>(mode), params, encapsulated);
    return call;
}

void call_cancel(const std::shared_ptr<Call>& call)
{
    call->cancel();
}

} // namespace ice_sys
