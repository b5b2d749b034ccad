// What exceptions say, and where the runtime's own log messages go.

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

#include <IceUtil/StringUtil.h>

#include <sstream>

namespace ice_sys {

namespace {

const char* const unknown_local = "::Ice::UnknownLocalException";

// What an exception says beyond its type, without what the type says already. Most have one field for it.
std::string reason_of(const Ice::Exception& error)
{
    if (const auto* unknown = dynamic_cast<const Ice::UnknownException*>(&error))
    {
        return unknown->unknown;
    }
    // Each of these is told by its type, its proxy and its operation.
    if (dynamic_cast<const Ice::TimeoutException*>(&error) || dynamic_cast<const Ice::RequestFailedException*>(&error) ||
        dynamic_cast<const Ice::NoEndpointException*>(&error) ||
        dynamic_cast<const Ice::ConnectionRefusedException*>(&error) ||
        dynamic_cast<const Ice::CommunicatorDestroyedException*>(&error) ||
        dynamic_cast<const Ice::InvocationCanceledException*>(&error) ||
        dynamic_cast<const Ice::CloseConnectionException*>(&error) ||
        dynamic_cast<const Ice::ConnectionManuallyClosedException*>(&error))
    {
        return "";
    }
    if (const auto* file = dynamic_cast<const Ice::FileException*>(&error))
    {
        return file->path + ": " + IceUtilInternal::errorToString(file->error);
    }
    if (const auto* syscall = dynamic_cast<const Ice::SyscallException*>(&error))
    {
        // Of a connection that was lost in the middle, 0 says that the peer closed it.
        return syscall->error == 0 ? "" : IceUtilInternal::errorToString(syscall->error);
    }
    if (const auto* dns = dynamic_cast<const Ice::DNSException*>(&error))
    {
        return dns->host;
    }
    if (const auto* setup = dynamic_cast<const Ice::InitializationException*>(&error))
    {
        return setup->reason;
    }
    if (const auto* setup = dynamic_cast<const Ice::PluginInitializationException*>(&error))
    {
        return setup->reason;
    }
    if (const auto* parse = dynamic_cast<const Ice::ProxyParseException*>(&error))
    {
        return parse->str;
    }
    if (const auto* parse = dynamic_cast<const Ice::EndpointParseException*>(&error))
    {
        return parse->str;
    }
    if (const auto* parse = dynamic_cast<const Ice::IdentityParseException*>(&error))
    {
        return parse->str;
    }
    if (const auto* known = dynamic_cast<const Ice::AlreadyRegisteredException*>(&error))
    {
        return known->kindOfObject + " " + known->id;
    }
    if (const auto* unknown = dynamic_cast<const Ice::NotRegisteredException*>(&error))
    {
        return unknown->kindOfObject + " " + unknown->id;
    }
    // The others are printed as "file:line: type:\ntext".
    std::ostringstream out;
    error.ice_print(out);
    const std::string all = out.str();
    const auto end_of_head = all.find('\n');
    return end_of_head == std::string::npos ? "" : all.substr(end_of_head + 1);
}

class Logger final : public Ice::Logger
{
public:
    explicit Logger(std::string prefix) : prefix_(std::move(prefix)) {}

    void print(const std::string& message) override { write(0, prefix_, message); }
    void trace(const std::string& category, const std::string& message) override { write(1, category, message); }
    void warning(const std::string& message) override { write(2, prefix_, message); }
    void error(const std::string& message) override { write(3, prefix_, message); }
    std::string getPrefix() override { return prefix_; }
    Ice::LoggerPtr cloneWithPrefix(const std::string& prefix) override { return std::make_shared<Logger>(prefix); }

private:
    static void write(std::uint8_t level, const std::string& category, const std::string& message)
    {
        log(level, bytes_of(category), bytes_of(message));
    }

    const std::string prefix_;
};

} // namespace

Description describe(const std::exception& error)
{
    if (const auto* ice = dynamic_cast<const Ice::Exception*>(&error))
    {
        return {ice->ice_id(), reason_of(*ice)};
    }
    return {unknown_local, error.what()};
}

Description describe(const std::exception_ptr& error)
{
    try
    {
        std::rethrow_exception(error);
    }
    catch (const std::exception& known)
    {
        return describe(known);
    }
    catch (...)
    {
        return {unknown_local, "a C++ exception that is no std::exception"};
    }
}

void set_process_logger()
{
    Ice::setProcessLogger(make_logger());
}

Ice::LoggerPtr make_logger()
{
    return std::make_shared<Logger>("");
}

} // namespace ice_sys
