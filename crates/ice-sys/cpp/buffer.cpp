// The memory of messages.

#include "ice-sys/cpp/buffer.h"

namespace ice_sys {

std::unique_ptr<MessageBuffer> buffer_new()
{
    return std::make_unique<MessageBuffer>();
}

void buffer_grow(MessageBuffer& buffer, std::size_t room)
{
    buffer.bytes.resize(room);
}

} // namespace ice_sys
