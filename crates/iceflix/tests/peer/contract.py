"""What both Python peers share: the contract, a communicator, topics, waiting.

The peers run on ZeroC's own Ice for Python, and know of IceFlix no more than
the Slice file says.
"""

import os
import sys
import time

import Ice
import IceStorm

SLICE = os.path.join(os.path.dirname(__file__), "../../../iceflix-slice/slice/IceFlix.ice")
Ice.loadSlice(SLICE)
import IceFlix  # noqa: E402  (made by the line above)

PATIENCE = 20.0


def initialize():
    """A communicator; the arguments name properties."""
    return Ice.initialize(sys.argv)


def topic(communicator, broker, name):
    """The topic of this name, made where it does not exist."""
    manager = IceStorm.TopicManagerPrx.checkedCast(communicator.stringToProxy(broker))
    try:
        return manager.retrieve(name)
    except IceStorm.NoSuchTopic:
        try:
            return manager.create(name)
        except IceStorm.TopicExists:
            return manager.retrieve(name)


def subscribe(communicator, broker, name, adapter, servant):
    """Subscribes a servant, as the original services do: twoway, no QoS."""
    topic(communicator, broker, name).subscribeAndGetPublisher({}, adapter.addWithUUID(servant))


def until(what, condition):
    """Waits until `condition` returns something, and returns that."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"in vain: {what}")


def raises(error, call, *arguments):
    """The call has to raise this; returns it."""
    try:
        result = call(*arguments)
    except error as raised:
        return raised
    raise AssertionError(f"{call} returned {result!r} instead of raising {error.__name__}")


def passed(what):
    print("passed:", what, flush=True)
