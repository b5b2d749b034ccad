// What ends once it is sent: flushed batches and heartbeats.

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

namespace ice_sys {

namespace {

// std::function must be copyable: the completion is shared, and takes the first word that it is given.
struct Waiting
{
    explicit Waiting(rust::Box<Completion> box) : completion(std::make_shared<rust::Box<Completion>>(std::move(box))) {}

    std::function<void(std::exception_ptr)> on_error() const
    {
        return [completion = completion](std::exception_ptr error) {
            const auto what = describe(error);
            failed(**completion, bytes_of(what.type_id), bytes_of(what.reason));
        };
    }

    std::function<void(bool)> on_sent() const
    {
        return [completion = completion](bool) { succeeded(**completion); };
    }

    const std::shared_ptr<rust::Box<Completion>> completion;
};

} // namespace

void proxy_flush(const ObjectPrx& proxy, rust::Box<Completion> completion)
{
    const Waiting waiting(std::move(completion));
    const_cast<ObjectPrx&>(proxy).ice_flushBatchRequestsAsync(waiting.on_error(), waiting.on_sent());
}

void connection_flush(const Connection& connection, std::uint8_t compress, rust::Box<Completion> completion)
{
    const Waiting waiting(std::move(completion));
    const_cast<Connection&>(connection).flushBatchRequestsAsync(
        static_cast<Ice::CompressBatch>(compress), waiting.on_error(), waiting.on_sent());
}

void connection_heartbeat(const Connection& connection, rust::Box<Completion> completion)
{
    const Waiting waiting(std::move(completion));
    const_cast<Connection&>(connection).heartbeatAsync(waiting.on_error(), waiting.on_sent());
}

void communicator_flush(const Communicator& communicator, std::uint8_t compress, rust::Box<Completion> completion)
{
    const Waiting waiting(std::move(completion));
    const_cast<Communicator&>(communicator)
        .flushBatchRequestsAsync(static_cast<Ice::CompressBatch>(compress), waiting.on_error(), waiting.on_sent());
}

} // namespace ice_sys
