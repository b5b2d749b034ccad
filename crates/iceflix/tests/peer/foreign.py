"""Foreign services in Python beside ours: they announce themselves once, as
the original system's do, and never say goodbye.

Arguments: proxy of our Main, of the broker, user, user hash, name of our film.
"""

import sys
import uuid

from contract import IceFlix, initialize, passed, raises, subscribe, topic, until

FILM = "f" * 64
TOKEN = "a token of a foreign authenticator"


class Authenticator(IceFlix.Authenticator):
    def refreshAuthorization(self, user, passwordHash, current=None):
        raise IceFlix.Unauthorized()

    def isAuthorized(self, authentication, current=None):
        return authentication == TOKEN


class Catalog(IceFlix.MediaCatalog):
    def getTile(self, id, current=None):
        raise IceFlix.WrongMediaId(id)

    def getTilesByName(self, name, exact, current=None):
        return []

    def getTilesByTags(self, tags, includeAllTags, current=None):
        return []


class Provider(IceFlix.StreamProvider):
    def __init__(self, announces, service_id):
        self.announces = announces
        self.service_id = service_id

    def isAvailable(self, id, current=None):
        return id == FILM

    def getStream(self, id, authentication, current=None):
        raise IceFlix.WrongMediaId(id)

    def reannounceMedia(self, current=None):
        self.announces.newMedia(FILM, "A Foreign Film", self.service_id)


class Availability(IceFlix.ServiceAvailability):
    """Counts what our services say of themselves."""

    def __init__(self):
        self.heard = {}

    def note(self, kind, service, id):
        service.ice_ping()
        self.heard.setdefault(kind, {})[id] = service

    def catalogService(self, service, id, current=None):
        self.note("catalog", service, id)

    def authenticationService(self, service, id, current=None):
        self.note("authentication", service, id)

    def mediaService(self, service, id, current=None):
        self.note("media", service, id)


def ours(candidates, foreign):
    """The candidate that is not the foreign one."""
    return next((proxy for proxy in candidates if proxy.ice_getIdentity() != foreign.ice_getIdentity()), None)


def main():
    main_proxy, broker, user, user_hash, _film = sys.argv[1:6]
    with initialize() as communicator:
        adapter = communicator.createObjectAdapterWithEndpoints("Foreign", "tcp -h 127.0.0.1")
        adapter.activate()
        availability = Availability()
        subscribe(communicator, broker, "ServiceAvailability", adapter, availability)
        publisher = IceFlix.ServiceAvailabilityPrx.uncheckedCast(
            topic(communicator, broker, "ServiceAvailability").getPublisher()
        )
        announces = IceFlix.StreamAnnouncesPrx.uncheckedCast(
            topic(communicator, broker, "MediaAnnouncements").getPublisher()
        )
        door = IceFlix.MainPrx.checkedCast(communicator.stringToProxy(main_proxy))
        until("our three announcements", lambda: len(availability.heard) == 3)
        passed("our services announce themselves to a foreign one")

        authenticator = IceFlix.AuthenticatorPrx.uncheckedCast(adapter.addWithUUID(Authenticator()))
        catalog = IceFlix.MediaCatalogPrx.uncheckedCast(adapter.addWithUUID(Catalog()))
        provider_id = str(uuid.uuid4())
        provider = IceFlix.StreamProviderPrx.uncheckedCast(
            adapter.addWithUUID(Provider(announces, provider_id))
        )
        publisher.authenticationService(authenticator, str(uuid.uuid4()))
        publisher.catalogService(catalog, str(uuid.uuid4()))
        publisher.mediaService(provider, provider_id)

        def turns(ask):
            return until("both in turn", lambda: (lambda seen: seen if len(set(map(str, seen))) == 2 else None)([ask() for _ in range(4)]))

        authenticators = turns(door.getAuthenticator)
        catalogs = turns(door.getCatalogService)
        passed("Main hands out foreign services and ours in turn")

        our_catalog = ours(catalogs, catalog)
        (found,) = until("the foreign film", lambda: our_catalog.getTilesByName("a foreign film", True))
        assert found == FILM
        assert our_catalog.getTile(FILM).provider.ice_getIdentity() == provider.ice_getIdentity()
        passed("our catalogue lists what a foreign provider has")

        our_authenticator = ours(authenticators, authenticator)
        token = our_authenticator.refreshAuthorization(user, user_hash)
        for valid in [token, TOKEN]:
            # Either authenticator may be asked first: a token is valid when its issuer says so.
            our_catalog.addTags(FILM, ["foreign"], valid)
        raises(IceFlix.Unauthorized, our_catalog.addTags, FILM, ["x"], "nobody's token")
        passed("tokens of foreign authenticators are valid here")


main()
