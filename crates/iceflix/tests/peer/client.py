"""A client in Python that calls every operation of the contract.

Arguments: proxy of Main, of the broker, user, user hash, name of a film.
"""

import hashlib
import queue
import socket
import sys

import Ice
from contract import IceFlix, initialize, passed, raises, subscribe, until

NOBODY = "0" * 64


class Revocations(IceFlix.TokenRevocation):
    def __init__(self):
        self.tokens = queue.Queue()

    def revoke(self, authentication, current=None):
        self.tokens.put(authentication)


class Announcements(IceFlix.StreamAnnounces):
    def __init__(self):
        self.media = queue.Queue()

    def newMedia(self, id, initialName, providerId, current=None):
        self.media.put((id, initialName, providerId))


class Sync(IceFlix.StreamerSync):
    def __init__(self):
        self.requests = queue.Queue()

    def requestAuthentication(self, current=None):
        self.requests.put(True)


def check_main(main):
    main.ice_ping()
    assert main.ice_id() == "::IceFlix::Main", main.ice_id()
    assert main.ice_ids() == ["::Ice::Object", "::IceFlix::Main"], main.ice_ids()
    assert main.ice_isA("::IceFlix::Main") and not main.ice_isA("::IceFlix::MediaCatalog")

    def ready():
        try:
            return main.getAuthenticator(), main.getCatalogService()
        except IceFlix.TemporaryUnavailable:
            return None

    services = until("a live authenticator and catalogue", ready)
    passed("Main")
    return services


def check_authenticator(authenticator, user, user_hash):
    token = authenticator.refreshAuthorization(user, user_hash)
    other = authenticator.refreshAuthorization(user, user_hash)
    assert token != other and len(token) >= 22, "tokens differ and carry 128 bits"
    assert authenticator.isAuthorized(token) and authenticator.isAuthorized(other)
    for wrong in ["", token + "x", token.swapcase(), "x" * 1_000_00, "\0", "é"]:
        assert not authenticator.isAuthorized(wrong), wrong
    wrong_hash = hashlib.sha256(b"wrong").hexdigest()
    raises(IceFlix.Unauthorized, authenticator.refreshAuthorization, user, wrong_hash)
    raises(IceFlix.Unauthorized, authenticator.refreshAuthorization, "nobody", user_hash)
    raises(IceFlix.Unauthorized, authenticator.refreshAuthorization, "", "")
    raises(IceFlix.Unauthorized, authenticator.refreshAuthorization, user, "x" * 100_000)
    passed("Authenticator")
    return token


def check_catalog(catalog, name, token):
    (media_id,) = until("the film in the catalogue", lambda: catalog.getTilesByName(name, True))
    assert catalog.getTilesByName(name.upper()[:-1], False) == [media_id]
    assert catalog.getTilesByName(name[:-1], True) == []
    assert catalog.getTilesByName("no such film", False) == []
    tile = catalog.getTile(media_id)
    assert (tile.id, tile.info.name, tile.info.tags) == (media_id, name, []), tile
    assert raises(IceFlix.WrongMediaId, catalog.getTile, NOBODY).id == NOBODY

    catalog.addTags(media_id, ["sea", "blue"], token)
    catalog.addTags(media_id, ["blue", "storm"], token)
    assert catalog.getTile(media_id).info.tags == ["sea", "blue", "storm"]
    assert catalog.getTilesByTags(["storm", "sea"], True) == [media_id]
    assert catalog.getTilesByTags(["storm", "desert"], True) == []
    assert catalog.getTilesByTags(["storm", "desert"], False) == [media_id]
    catalog.removeTags(media_id, ["blue", "never added"], token)
    assert catalog.getTile(media_id).info.tags == ["sea", "storm"]
    catalog.renameTile(media_id, "Another Name", token)
    assert catalog.getTilesByName("another name", True) == [media_id]

    for bad in ["", "wrong"]:
        raises(IceFlix.Unauthorized, catalog.renameTile, media_id, "x", bad)
        raises(IceFlix.Unauthorized, catalog.addTags, media_id, ["x"], bad)
        raises(IceFlix.Unauthorized, catalog.removeTags, media_id, ["sea"], bad)
        raises(IceFlix.Unauthorized, catalog.renameTile, NOBODY, "x", bad)
    raises(IceFlix.WrongMediaId, catalog.renameTile, NOBODY, "x", token)
    raises(IceFlix.WrongMediaId, catalog.addTags, NOBODY, ["x"], token)
    raises(IceFlix.WrongMediaId, catalog.removeTags, NOBODY, ["x"], token)
    assert catalog.getTile(media_id).info.name == "Another Name"
    passed("MediaCatalog")
    return tile


def check_provider(communicator, broker, adapter, tile, token):
    announcements = Announcements()
    subscribe(communicator, broker, "MediaAnnouncements", adapter, announcements)
    tile.provider.reannounceMedia()
    media_id, initial_name, provider_id = announcements.media.get(timeout=10)
    assert (media_id, initial_name) == (tile.id, tile.info.name) and provider_id
    assert tile.provider.isAvailable(tile.id) and not tile.provider.isAvailable(NOBODY)
    raises(IceFlix.Unauthorized, tile.provider.getStream, tile.id, "wrong")
    raises(IceFlix.Unauthorized, tile.provider.getStream, NOBODY, "wrong")
    assert raises(IceFlix.WrongMediaId, tile.provider.getStream, NOBODY, token).id == NOBODY
    passed("StreamProvider")


def udp(port):
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", port))
    receiver.settimeout(10)
    return receiver


def check_controller(communicator, broker, adapter, tile, login):
    token = login()
    controller = tile.provider.getStream(tile.id, token)
    rtsp = IceFlix.RtspStreamControllerPrx.checkedCast(controller)
    raises(IceFlix.Unauthorized, rtsp.getUrl, "wrong")
    url = rtsp.getUrl(token)
    assert url.startswith("rtsp://127.0.0.1:"), "an RTSP address of this machine"

    sync = Sync()
    subscribe(communicator, broker, controller.getSyncTopic(), adapter, sync)
    raises(IceFlix.Unauthorized, controller.getSDP, "wrong", 5004)
    for port in [0, -1, 65536, 2**31 - 1]:
        error = raises(Ice.UnknownException, controller.getSDP, token, port)
        assert "port" in error.unknown, error.unknown
    with udp(0) as receiver:
        port = receiver.getsockname()[1]
        sdp = controller.getSDP(token, port)
        assert sdp.startswith("v=0") and f"m=video {port} RTP/AVP" in sdp and "H264" in sdp, sdp
        packet = receiver.recv(2048)
        assert packet[0] >> 6 == 2 and len(packet) > 12, "RTP version 2"
        # A second one moves the stream.
        with udp(0) as elsewhere:
            controller.getSDP(token, elsewhere.getsockname()[1])
            assert elsewhere.recv(2048)[0] >> 6 == 2
            raises(IceFlix.Unauthorized, controller.refreshAuthentication, "wrong")
            # The token ends: the controller asks, and goes on with a new one.
            assert sync.requests.get(timeout=20)
            controller.refreshAuthentication(login())
            elsewhere.recv(2048)
    controller.stop()
    raises(Ice.ObjectNotExistException, controller.ice_ping)
    passed("StreamController")


def main():
    main_proxy, broker, user, user_hash, film = sys.argv[1:6]
    with initialize() as communicator:
        adapter = communicator.createObjectAdapterWithEndpoints("Peer", "tcp -h 127.0.0.1")
        adapter.activate()
        revocations = Revocations()
        subscribe(communicator, broker, "AuthenticationStatus", adapter, revocations)

        door = IceFlix.MainPrx.checkedCast(communicator.stringToProxy(main_proxy))
        authenticator, catalog = check_main(door)
        token = check_authenticator(authenticator, user, user_hash)
        tile = check_catalog(catalog, film, token)
        check_provider(communicator, broker, adapter, tile, token)
        check_controller(
            communicator, broker, adapter, tile, lambda: authenticator.refreshAuthorization(user, user_hash)
        )
        revoked = set()
        while token not in revoked:
            revoked.add(revocations.tokens.get(timeout=20))
        assert not authenticator.isAuthorized(token), "a revoked token is no longer valid"
        passed("TokenRevocation")


main()
