"""An Authentication service of another make: ZeroC's own Ice for Python with
its own settings, which sends no heartbeats. Prints its proxy and serves until
it is killed.
"""

import os
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "../../../iceflix-slice/slice/IceFlix.ice"))
import IceFlix  # noqa: E402  (made by the line above)


class Authenticator(IceFlix.Authenticator):
    def refreshAuthorization(self, user, passwordHash, current=None):
        raise IceFlix.Unauthorized()

    def isAuthorized(self, authentication, current=None):
        return authentication == "a foreign token"


with Ice.initialize(sys.argv) as communicator:
    adapter = communicator.createObjectAdapterWithEndpoints("Foreign", "tcp -h 127.0.0.1")
    proxy = adapter.addWithUUID(Authenticator())
    adapter.activate()
    print(proxy, flush=True)
    communicator.waitForShutdown()
