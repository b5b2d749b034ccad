// The memory of one message, in the hands of Rust while it is written.
#pragma once

#include "ice-sys/cpp/failure.h"

#include <Ice/Ice.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace ice_sys {

// Its size is all the room that there is: how much of that is written, Rust knows.
class MessageBuffer
{
public:
    std::uint8_t* data() { return bytes.begin(); }
    std::size_t room() const { return bytes.size(); }
    void release() { bytes.clear(); }

    IceInternal::Buffer::Container bytes;
};

std::unique_ptr<MessageBuffer> buffer_new();
void buffer_grow(MessageBuffer& buffer, std::size_t room);

} // namespace ice_sys
