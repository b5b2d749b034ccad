// One request under way.
#pragma once

#include "ice-sys/cpp/buffer.h"
#include "ice-sys/cpp/failure.h"

#include <Ice/Ice.h>
#include <rust/cxx.h>

#include <atomic>
#include <cstdint>
#include <string>

namespace ice_sys {

using ObjectPrx = Ice::ObjectPrx;

struct Waiter;
enum class End : std::uint8_t;

// The parameters are written into the stream that is sent, and the results are read in the stream that they came in:
// nothing is copied, and no further callback is scheduled.
class Call final : public IceInternal::OutgoingAsync
{
public:
    Call(const std::shared_ptr<Ice::ObjectPrx>& proxy, std::string operation, rust::Box<Waiter> waiter);
    ~Call() override;

    // Hands out the stream, with all that comes before the parameters.
    void prepare(Ice::OperationMode mode, MessageBuffer& buffer);
    // Takes it back and sends it.
    void send(std::size_t size, MessageBuffer& buffer);
    // Sends parameters that are encapsulated already, instead of both.
    void send_encapsulated(Ice::OperationMode mode, rust::Slice<const std::uint8_t> params);

    // How it ended. What follows is there once it has.
    End end() const { return end_.load(std::memory_order_acquire); }
    const Waiter& waiter() const { return *waiter_; }
    rust::Slice<const std::uint8_t> reply() const { return reply_; }
    rust::Slice<const std::uint8_t> failure_type() const;
    rust::Slice<const std::uint8_t> failure_reason() const;

    std::shared_ptr<Ice::ObjectPrx> proxy() const { return _proxy; }

    // Gives memory along: the runtime exchanges it for what the reply comes in, and reads a later message into it.
    void lend(MessageBuffer& spare) { _is.b.swap(spare.bytes); }
    // Takes out the memory of the reply, emptied. The call has ended: the runtime is done with it.
    void take_reply(MessageBuffer& spare);

private:
    bool handleSent(bool done, bool already_sent) override;
    bool handleResponse(bool returned) override;
    bool handleException(const Ice::Exception& error) override;

    // Never asked for: the three above return false.
    void handleInvokeSent(bool, IceInternal::OutgoingAsyncBase*) const override {}
    void handleInvokeException(const Ice::Exception&, IceInternal::OutgoingAsyncBase*) const override {}
    void handleInvokeResponse(bool, IceInternal::OutgoingAsyncBase*) const override {}

    void begin();
    template<typename Write>
    void invoke_with(Write&& write);
    void finish(End how);
    bool is_batch() const;

    const std::string operation_;
    Ice::OperationMode mode_ = Ice::OperationMode::Normal;
    const rust::Box<Waiter> waiter_;
    std::atomic<End> end_;
    // How much of the stream comes before the parameters.
    std::size_t head_ = 0;
    rust::Slice<const std::uint8_t> reply_;
    Description failure_;
};

std::shared_ptr<Call> call_prepare(
    const std::shared_ptr<Ice::ObjectPrx>& proxy, rust::Str operation, std::uint8_t mode, rust::Box<Waiter> waiter,
    MessageBuffer& buffer);
void call_send(const std::shared_ptr<Call>& call, std::size_t size, MessageBuffer& buffer);
std::shared_ptr<Call> call_encapsulated(
    const std::shared_ptr<ObjectPrx>& proxy, rust::Str operation, std::uint8_t mode, rust::Box<Waiter> waiter,
    rust::Slice<const std::uint8_t> params);
void call_cancel(const std::shared_ptr<Call>& call);
void call_lend(const std::shared_ptr<Call>& call, MessageBuffer& spare);
void call_take_reply(const std::shared_ptr<Call>& call, MessageBuffer& spare);

} // namespace ice_sys
