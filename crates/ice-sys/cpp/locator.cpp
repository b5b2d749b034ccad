// Servant locators: Ice asks the adapter's table first and then these, and the servant that it gets is one of ours.

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

namespace ice_sys {

namespace {

// Whatever is to be located is found in Rust, where it may wait: to Ice, each locator has one servant for everything.
class Locator final : public Ice::ServantLocator
{
public:
    explicit Locator(std::shared_ptr<Ice::Object> servant) : servant_(std::move(servant)) {}

    std::shared_ptr<Ice::Object> locate(const Ice::Current&, std::shared_ptr<void>&) override { return servant_; }

    void finished(const Ice::Current&, const std::shared_ptr<Ice::Object>&, const std::shared_ptr<void>&) override {}

    void deactivate(const std::string& category) override { deactivated(servant_of(*servant_), bytes_of(category)); }

    const std::shared_ptr<Ice::Object>& servant() const { return servant_; }

private:
    const std::shared_ptr<Ice::Object> servant_;
};

} // namespace

std::shared_ptr<ServantLocator> make_locator(const std::shared_ptr<Object>& servant)
{
    return std::make_shared<Locator>(servant);
}

std::shared_ptr<Object> servant_of_locator(const ServantLocator& locator)
{
    const auto* ours = dynamic_cast<const Locator*>(&locator);
    return ours ? ours->servant() : nullptr;
}

} // namespace ice_sys
