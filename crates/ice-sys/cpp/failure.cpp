// What exceptions say, and where the runtime's own log messages go.

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

#include <IceUtil/StringUtil.h>

#include <algorithm>
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

// Between the reason and the fields that an exception has, which so go the same way. Neither contains it.
constexpr char separator = '\x1f';

std::string without_separators(std::string text)
{
    std::replace(text.begin(), text.end(), separator, ' ');
    return text;
}

class Fields
{
public:
    void add(const char* name, const std::string& value)
    {
        text_ += separator;
        text_ += name;
        text_ += '=';
        text_ += without_separators(value);
    }

    void add_identity(const Ice::Identity& identity)
    {
        add("id.name", identity.name);
        add("id.category", identity.category);
    }

    void add(const char* name, int number) { add(name, std::to_string(number)); }

    template<typename Version>
    void add_version(const char* name, const Version& version)
    {
        add(name, std::to_string(version.major) + "." + std::to_string(version.minor));
    }

    std::string text() && { return std::move(text_); }

private:
    std::string text_;
};

// What an exception carries, under the names of its Slice definition, but for what is its reason already.
std::string fields_of(const Ice::Exception& error)
{
    Fields fields;
    if (const auto* known = dynamic_cast<const Ice::AlreadyRegisteredException*>(&error))
    {
        fields.add("kindOfObject", known->kindOfObject);
        fields.add("id", known->id);
    }
    else if (const auto* unknown = dynamic_cast<const Ice::NotRegisteredException*>(&error))
    {
        fields.add("kindOfObject", unknown->kindOfObject);
        fields.add("id", unknown->id);
    }
    else if (const auto* twoway = dynamic_cast<const Ice::TwowayOnlyException*>(&error))
    {
        fields.add("operation", twoway->operation);
    }
    else if (const auto* adapter = dynamic_cast<const Ice::ObjectAdapterDeactivatedException*>(&error))
    {
        fields.add("name", adapter->name);
    }
    else if (const auto* taken = dynamic_cast<const Ice::ObjectAdapterIdInUseException*>(&error))
    {
        fields.add("id", taken->id);
    }
    else if (const auto* endpoints = dynamic_cast<const Ice::NoEndpointException*>(&error))
    {
        fields.add("proxy", endpoints->proxy);
    }
    else if (const auto* identity = dynamic_cast<const Ice::IllegalIdentityException*>(&error))
    {
        fields.add_identity(identity->id);
    }
    else if (const auto* request = dynamic_cast<const Ice::RequestFailedException*>(&error))
    {
        fields.add_identity(request->id);
        fields.add("facet", request->facet);
        fields.add("operation", request->operation);
    }
    else if (const auto* syscall = dynamic_cast<const Ice::SyscallException*>(&error))
    {
        fields.add("error", syscall->error);
        if (const auto* file = dynamic_cast<const Ice::FileException*>(&error))
        {
            fields.add("path", file->path);
        }
    }
    else if (const auto* dns = dynamic_cast<const Ice::DNSException*>(&error))
    {
        fields.add("error", dns->error);
        fields.add("host", dns->host);
    }
    else if (const auto* magic = dynamic_cast<const Ice::BadMagicException*>(&error))
    {
        std::ostringstream bytes;
        for (const auto byte : magic->badMagic)
        {
            bytes << static_cast<int>(byte) << ' ';
        }
        fields.add("badMagic", bytes.str());
    }
    else if (const auto* protocol = dynamic_cast<const Ice::UnsupportedProtocolException*>(&error))
    {
        fields.add_version("bad", protocol->bad);
        fields.add_version("supported", protocol->supported);
    }
    else if (const auto* encoding = dynamic_cast<const Ice::UnsupportedEncodingException*>(&error))
    {
        fields.add_version("bad", encoding->bad);
        fields.add_version("supported", encoding->supported);
    }
    else if (const auto* closed = dynamic_cast<const Ice::ConnectionManuallyClosedException*>(&error))
    {
        fields.add("graceful", closed->graceful ? 1 : 0);
    }
    else if (const auto* factory = dynamic_cast<const Ice::NoValueFactoryException*>(&error))
    {
        fields.add("type", factory->type);
    }
    else if (const auto* object = dynamic_cast<const Ice::UnexpectedObjectException*>(&error))
    {
        fields.add("type", object->type);
        fields.add("expectedType", object->expectedType);
    }
    else if (const auto* feature = dynamic_cast<const Ice::FeatureNotSupportedException*>(&error))
    {
        fields.add("unsupportedFeature", feature->unsupportedFeature);
    }
    return std::move(fields).text();
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
        return {ice->ice_id(), without_separators(reason_of(*ice)) + fields_of(*ice)};
    }
    return {unknown_local, without_separators(error.what())};
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
