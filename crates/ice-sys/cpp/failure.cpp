// What exceptions say, and where the runtime's own log messages go.

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

#include <sstream>

namespace ice_sys {

namespace {

const char* const unknown_local = "::Ice::UnknownLocalException";

// Ice prints an exception as "file:line: type:\ntext": the text is what is of use to a reader.
std::string text_of(const Ice::Exception& error)
{
    std::ostringstream out;
    error.ice_print(out);
    const std::string all = out.str();
    const auto end_of_head = all.find('\n');
    return end_of_head == std::string::npos ? std::string() : all.substr(end_of_head + 1);
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
    if (const auto* failed = dynamic_cast<const Ice::UnknownException*>(&error))
    {
        return {failed->ice_id(), failed->unknown};
    }
    if (const auto* ice = dynamic_cast<const Ice::Exception*>(&error))
    {
        return {ice->ice_id(), text_of(*ice)};
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
