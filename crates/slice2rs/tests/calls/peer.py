"""The same servants and the same calls on ZeroC's own runtime: `peer.py server DIR`, `peer.py client DIR ENDPOINT`."""

import math
import sys

import Ice

ROLE, SLICE = sys.argv[1:3]
# Beyond.ice includes Boundaries.ice, and is known to servers only.
for name in ("Types", "Errors", "Optionals", "Beyond" if ROLE == "server" else "Boundaries"):
    Ice.loadSlice("", ["-I" + SLICE, "--all", f"{SLICE}/{name}.ice"])

import Boundaries  # noqa: E402
import Errors  # noqa: E402
import Optionals  # noqa: E402
import Types  # noqa: E402

if ROLE == "server":
    import Beyond  # noqa: E402

# Empty, of characters of each length in UTF-8, and around the length from which on a size takes five bytes.
TEXTS = ["", "\0", "é", "世", "🎬", "x" * 254, "x" * 255, "🎬" * 64 + "\U0010ffff"]
PROXIES = [
    "name -t -e 1.1:tcp -h 127.0.0.1 -p 10000 -t 60000",
    "name -f facet -o -s -p 1.0 -e 1.0:ssl -h 127.0.0.1 -p 2 -t infinite:tcp -h h -p 3 -t 5 -z",
    "cat/name -O:ws -h h -p 80 -r /a -t 60000:wss -h h -p 443 -r / -t 60000",
    "datagram -d:udp -h 239.255.0.1 -p 4 -z",
    "batch -D:udp -h h -p 6:opaque -t 99 -e 1.1 -v YWJj",
    "indirect @ Adapter.Replica",
    "世/🎬 -f 界",
]
LENGTHS = (0, 1, 254, 255, 256)


class Mirror(Types.Mirror):
    def sameEverything(self, value, current=None):
        return value

    sameText = sameColor = sameBytes = sameShapes = sameEverything
    samePaint = sameMuseums = samePlain = sameItself = sameObjects = sameEverything

    def sameScalars(self, a, b, c, d, current=None):
        return a, d, c, b

    def twice(self, value, current=None):
        return value, value


def throw(depth):
    if depth == 1:
        raise Errors.Base("asked")
    if depth == 2:
        raise Errors.Derived("asked", 9)
    if depth == 3:
        raise Errors.MostDerived("asked", 9, "deep")


class Thrower(Errors.SlicedThrower):
    def throwBase(self, why, current=None):
        raise Errors.Base(why)

    def throwAny(self, depth, current=None):
        if depth == -1:
            raise Errors.Empty()
        if depth == -2:
            raise Errors.EmptyDerived()
        if depth == -3:
            raise Ice.UnknownException("neither")
        throw(depth)
        return depth

    def throwNothing(self, current=None):
        pass

    def state(self, current=None):
        return "calm"

    def count(self, current=None):
        return 1

    def throwSliced(self, depth, current=None):
        throw(depth)

    throwCompact = throwSliced


class Sieve(Optionals.Sieve):
    def passOne(self, value, current=None):
        return value

    passColor = passFixed = passVariable = passBytes = passInts = passOne
    passStrings = passFixeds = passIntMap = passStringMap = passProxy = passOne

    def passScalars(self, a, b, c, d, e, f, current=None):
        return f, a, b, c, d, e

    def passText(self, before, value, after, current=None):
        return value, before + after

    def fail(self, number, text, derived, current=None):
        if derived:
            more = Ice.Unset if number is Ice.Unset else [number] * 3
            raise Optionals.PartialDerived("always", number, text, more)
        raise Optionals.Partial("always", number, text)


class Echo(Boundaries.Echo):
    """Gives back what it gets, whatever it is."""


for operation in (
    "scalars bools bytes shorts ints longs floats doubles strings smalls larges structs deep proxies"
    " byBool byByte byShort byLong byString byLarge byKey"
).split():
    setattr(Echo, "same" + operation[0].upper() + operation[1:], lambda self, value, current=None: value)


def extremes():
    return [
        Boundaries.Scalars(
            False, 0, -(2**15), -(2**31), -(2**63), -3.4028234663852886e38, -1.7976931348623157e308, "",
            Boundaries.Tiny.first, Boundaries.Small.low, Boundaries.Middle.lower, Boundaries.Large.least,
        ),
        Boundaries.Scalars(
            True, 255, 2**15 - 1, 2**31 - 1, 2**63 - 1, math.inf, -math.inf, TEXTS[-1],
            Boundaries.Tiny.last, Boundaries.Small.high, Boundaries.Middle.upper, Boundaries.Large.most,
        ),
    ]


def surprise(depth):
    known, what = "known", extremes()[1]
    if depth == 1:
        raise Boundaries.Known(known)
    if depth == 2:
        raise Boundaries.Wider(known, what, "more")
    if depth == 3:
        raise Beyond.Widest(known, what, "more", [[["deep"]]], [None])
    if depth == 4:
        raise Beyond.Other({})


class Unknown(Boundaries.Unknown):
    def sliced(self, depth, current=None):
        surprise(depth)

    compact = sliced


def serve(communicator):
    adapter = communicator.createObjectAdapterWithEndpoints("Peer", "tcp -h 127.0.0.1")
    for servant, name in ((Mirror(), "mirror"), (Thrower(), "thrower"), (Sieve(), "sieve"),
                          (Echo(), "echo"), (Unknown(), "unknown")):
        adapter.add(servant, Ice.stringToIdentity(name))
    adapter.activate()
    print(":".join(str(endpoint) for endpoint in adapter.getEndpoints()), flush=True)
    sys.stdin.read()


def raised(kind, call, *arguments):
    try:
        call(*arguments)
    except kind as found:
        assert type(found) is kind, found
        return found
    raise AssertionError(f"{kind} was not raised")


def call(communicator, endpoint):
    def proxy(name):
        return communicator.stringToProxy(f"{name}:{endpoint}")

    mirror = Types.MirrorPrx.checkedCast(proxy("mirror"))
    everything = Types.Everything(
        True, 255, -32768, 2147483647, -(2**63), 0.5, 1.7976931348623157e308,
        "Grüße, 世界", Types.Color.darkBlue, Types.Point(-1, 0), mirror,
    )
    assert mirror.sameEverything(everything) == everything
    assert mirror.sameScalars(True, 255, -3, -5) == (True, -5, -3.0, 255.0)
    assert mirror.sameText("x" * 300) == "x" * 300
    assert mirror.sameBytes(bytes(range(256))) == bytes(range(256))
    points = [Types.Point(1, 2), Types.Point(3, 4)]
    assert mirror.sameShapes([points, []]) == [points, []]
    paint = {points[0]: Types.Color.red, points[1]: Types.Color.darkBlue}
    assert mirror.samePaint(paint) == paint
    museums = {Types.Color.red: {"hall": [points]}}
    assert mirror.sameMuseums(museums) == museums
    assert mirror.sameItself(mirror) == mirror and mirror.sameItself(None) is None
    assert mirror.sameObjects([None, mirror]) == [None, mirror]
    assert mirror.twice("ab") == ("ab", "ab")

    thrower = Errors.SlicedThrowerPrx.checkedCast(proxy("thrower"))
    assert Errors.ThrowerPrx.checkedCast(proxy("calm")) is None
    assert raised(Errors.Base, thrower.throwBase, "why").why == "why"
    assert raised(Errors.Derived, thrower.throwAny, 2).code == 9
    assert raised(Errors.MostDerived, thrower.throwSliced, 3).detail == "deep"
    assert raised(Errors.MostDerived, thrower.throwCompact, 3).detail == "deep"
    raised(Errors.Empty, thrower.throwAny, -1)
    raised(Errors.EmptyDerived, thrower.throwAny, -2)
    raised(Ice.UnknownException, thrower.throwAny, -3)
    assert thrower.throwAny(0) == 0 and thrower.state() == "calm" and thrower.count() == 1

    sieve = Optionals.SievePrx.checkedCast(proxy("sieve"))
    assert sieve.passOne(Ice.Unset) is Ice.Unset and sieve.passOne(-7) == -7
    some = (True, 255, -5, -(2**63), 0.5, 0.25)
    assert sieve.passScalars(*some[1:], True) == some
    assert sieve.passScalars(*[Ice.Unset] * 6) == (Ice.Unset,) * 6
    assert sieve.passText(1, "text", 2) == ("text", 3)
    fixed = Optionals.Fixed(-1, 2)
    assert sieve.passFixed(fixed) == fixed
    assert sieve.passVariable(Optionals.Variable("a")) == Optionals.Variable("a")
    for length in (0, 1, 254, 255, 300):
        assert sieve.passBytes(bytes(length)) == bytes(length)
        assert sieve.passInts([-7] * length) == [-7] * length
        assert sieve.passStrings(["s"] * length) == ["s"] * length
        assert sieve.passFixeds([fixed] * length) == [fixed] * length
        numbers = {n: -n for n in range(length)}
        assert sieve.passIntMap(numbers) == numbers
        names = {str(n): n for n in range(length)}
        assert sieve.passStringMap(names) == names
    assert sieve.passProxy(sieve) == sieve and sieve.passProxy(Ice.Unset) is Ice.Unset
    failure = raised(Optionals.Partial, sieve.fail, 1, Ice.Unset, False)
    assert failure.number == 1 and failure.text is Ice.Unset
    failure = raised(Optionals.PartialDerived, sieve.fail, 2, "text", True)
    assert failure.number == 2
    call_boundaries(communicator, proxy("echo"), proxy("unknown"))
    assert failure.text == "text" and failure.more == [2, 2, 2]


def call_boundaries(communicator, echo, unknown):
    for encoding in (Ice.Encoding_1_1, Ice.Encoding_1_0):
        echo = Boundaries.EchoPrx.uncheckedCast(echo.ice_encodingVersion(encoding))
        for scalars in extremes():
            assert echo.sameScalars(scalars) == scalars
        nan = echo.sameDoubles([math.nan, -0.0, 5e-324])
        assert math.isnan(nan[0]) and math.copysign(1, nan[1]) == -1 and nan[2] == 5e-324
        assert echo.sameStrings(TEXTS) == TEXTS
        for length in LENGTHS:
            assert echo.sameBytes(bytes([7]) * length) == bytes([7]) * length
            for operation, value in (
                (echo.sameBools, True), (echo.sameShorts, -(2**15)), (echo.sameInts, 2**31 - 1), (echo.sameLongs, -(2**63)),
                (echo.sameFloats, math.inf), (echo.sameDoubles, -math.inf), (echo.sameStrings, "x"), (echo.sameSmalls, Boundaries.Small.high),
                (echo.sameLarges, Boundaries.Large.most), (echo.sameDeep, [["x", ""], []]), (echo.sameProxies, None),
            ):
                assert list(operation([value] * length)) == [value] * length, (operation, length)
            numbers = {n - 128: n for n in range(length)}
            assert echo.sameByShort(numbers) == numbers
            keys = [Boundaries.Key(str(n), Boundaries.Large.most, -n, n % 2 == 0) for n in range(length)]
            keys = dict(zip(keys, keys))
            assert echo.sameByKey(keys) == keys
        assert echo.sameStructs(extremes()) == extremes()
        assert echo.sameByBool({True: 1, False: 255}) == {True: 1, False: 255}
        assert {k: list(v) for k, v in echo.sameByByte({255: [True], 0: []}).items()} == {255: [True], 0: []}
        longs = {-(2**63): "least", 2**63 - 1: "most"}
        assert echo.sameByLong(longs) == longs
        assert echo.sameByString({"": [], "a": [[["b"]]]}) == {"": [], "a": [[["b"]]]}
        # Encoding 1.0 has no place for the encoding that the target of a proxy understands: it is 1.0 then.
        proxies = [communicator.stringToProxy(text) for text in PROXIES]
        if encoding == Ice.Encoding_1_0:
            proxies = [proxy.ice_encodingVersion(encoding) for proxy in proxies]
        proxies.append(None)
        for sent, got in zip(proxies, echo.sameProxies(proxies)):
            assert sent == got, (str(sent), str(got))
        large = {Boundaries.Large.most: proxies}
        assert echo.sameByLarge(large) == large
        unknown = Boundaries.UnknownPrx.uncheckedCast(unknown.ice_encodingVersion(encoding))
        assert unknown.sliced(0) is None and unknown.compact(0) is None
        assert raised(Boundaries.Known, unknown.compact, 1).why == "known"
        wider = raised(Boundaries.Wider, unknown.sliced, 2)
        assert wider.what == extremes()[1]
        assert wider.more == ("more" if encoding == Ice.Encoding_1_1 else Ice.Unset)
        # What it has never heard of it takes for the nearest that it knows, where there are slices to tell.
        assert raised(Boundaries.Wider, unknown.sliced, 3).why == "known"
        raised(Boundaries.Nothing, unknown.sliced, 4)
        compact = Boundaries.Wider if encoding == Ice.Encoding_1_0 else Ice.UnknownUserException
        raised(compact, unknown.compact, 3)


with Ice.initialize(["peer", "--Ice.Plugin.IceSSL=IceSSL:createIceSSL", "--Ice.Default.Timeout=10000", "--Ice.Warn.Dispatch=0"]) as ice:
    if ROLE == "server":
        serve(ice)
    else:
        call(ice, sys.argv[3])
