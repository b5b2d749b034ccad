"""A foreign Authenticator and a foreign Main, which tell nothing of themselves.

Arguments: proxy of the broker. Prints the Main's proxy; lives until its
standard input ends.
"""

import sys

from contract import IceFlix, initialize, topic


class Authenticator(IceFlix.Authenticator):
    def refreshAuthorization(self, user, passwordHash, current=None):
        raise IceFlix.Unauthorized()

    def isAuthorized(self, authentication, current=None):
        return False


class Main(IceFlix.Main):
    def __init__(self, authenticator):
        self.authenticator = authenticator

    def getAuthenticator(self, current=None):
        return self.authenticator

    def getCatalogService(self, current=None):
        raise IceFlix.TemporaryUnavailable()


def main():
    (broker,) = sys.argv[1:2]
    with initialize() as communicator:
        adapter = communicator.createObjectAdapterWithEndpoints("Foreign", "tcp -h 127.0.0.1")
        adapter.activate()
        authenticator = IceFlix.AuthenticatorPrx.uncheckedCast(adapter.addWithUUID(Authenticator()))
        door = adapter.add(Main(authenticator), communicator.stringToIdentity("Main"))
        publisher = IceFlix.ServiceAvailabilityPrx.uncheckedCast(
            topic(communicator, broker, "ServiceAvailability").getPublisher()
        )
        # An id that would clear the screen of whoever prints it as it is.
        publisher.authenticationService(authenticator, "\x1b[2Jforeign")
        print(door, flush=True)
        sys.stdin.read()


main()
