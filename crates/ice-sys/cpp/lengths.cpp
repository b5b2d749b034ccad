// How long a sequence may claim to be.
//
// The library's own check adds two numbers of 32 bits: a length near 2^31 overflows them and passes. What follows is a
// request for 64 GiB of memory, made before any code of ours sees the message (facets are read first, in requests and
// in refusals alike). Where that fails, the exception is one that the runtime does not expect there: the request is
// never answered, and destroy() waits for it for ever. One message from anybody would do.
//
// A function that an executable defines takes the place of the shared library's, there as well as here. So this one does,
// with numbers that are wide enough. Where it cannot (README.md), all is as it was.

#include "ice-sys/cpp/bridge.h"

void ice_sys::take_in_checked_lengths() {}

Ice::Int Ice::InputStream::readAndCheckSeqSize(int smallest)
{
    const Int size = readSize();
    const auto least = static_cast<std::int64_t>(size) * smallest;
    if (least > b.end() - i) {
        throw UnmarshalOutOfBoundsException(__FILE__, __LINE__, "a sequence of more elements than there are bytes for");
    }
    return size;
}
