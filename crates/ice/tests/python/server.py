"""A server that answers every operation with its own parameters, and `refuse` with an exception of those bytes.

It prints its endpoint and ends with its standard input.
"""

import sys

import Ice


class Mirror(Ice.Blobject):
    def ice_invoke(self, params, current):
        return current.operation != "refuse", params


with Ice.initialize() as communicator:
    adapter = communicator.createObjectAdapterWithEndpoints("Mirror", "tcp -h 127.0.0.1 -p 0")
    adapter.addDefaultServant(Mirror(), "")
    adapter.activate()
    print(adapter.getEndpoints()[0], flush=True)
    sys.stdin.read()
