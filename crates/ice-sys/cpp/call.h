// One request under way.
#pragma once

#include <Ice/Ice.h>
#include <rust/cxx.h>

#include <cstdint>
#include <optional>
#include <string>

namespace ice_sys {

struct Completion;

// The answer is handed over right where it arrives, as bytes that are still the receive buffer's: nothing
// is copied, and no further callback is scheduled.
class Call final : public IceInternal::OutgoingAsync
{
public:
    Call(const std::shared_ptr<Ice::ObjectPrx>& proxy, rust::Box<Completion> completion);
    ~Call() override;

    void start(
        const std::string& operation, Ice::OperationMode mode, rust::Slice<const std::uint8_t> params,
        bool encapsulated);

private:
    bool handleSent(bool done, bool already_sent) override;
    bool handleResponse(bool returned) override;
    bool handleException(const Ice::Exception& error) override;

    // Never asked for: the three above return false.
    void handleInvokeSent(bool, IceInternal::OutgoingAsyncBase*) const override {}
    void handleInvokeException(const Ice::Exception&, IceInternal::OutgoingAsyncBase*) const override {}
    void handleInvokeResponse(bool, IceInternal::OutgoingAsyncBase*) const override {}

    template<typename Finish>
    void finish(Finish&& how);

    std::optional<rust::Box<Completion>> completion_;
};

} // namespace ice_sys
