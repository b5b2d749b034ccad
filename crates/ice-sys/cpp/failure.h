// How a C++ exception crosses the border: as its Slice type id, a line feed, and its text.
#pragma once

#include <Ice/Exception.h>

#include <exception>
#include <string>

namespace ice_sys {

// The type id of an Ice exception, and what it says beyond that: text, and after that each field as "\x1fname=value".
struct Description
{
    std::string type_id;
    std::string reason;
};

Description describe(const std::exception& error);
Description describe(const std::exception_ptr& error);

} // namespace ice_sys

namespace rust::behavior {

template<typename Try, typename Fail>
static void trycatch(Try&& attempt, Fail&& fail) noexcept
{
    try
    {
        attempt();
    }
    catch (...)
    {
        const auto what = ::ice_sys::describe(std::current_exception());
        fail((what.type_id + "\n" + what.reason).c_str());
    }
}

} // namespace rust::behavior
