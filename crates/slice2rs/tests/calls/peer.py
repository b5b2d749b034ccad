"""The same servants and the same calls on ZeroC's own runtime: `peer.py server DIR`, `peer.py client DIR ENDPOINT`."""

import sys

import Ice

ROLE, SLICE = sys.argv[1:3]
for name in ("Types", "Errors", "Optionals"):
    Ice.loadSlice(f"{SLICE}/{name}.ice")

import Errors  # noqa: E402
import Optionals  # noqa: E402
import Types  # noqa: E402


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


def serve(communicator):
    adapter = communicator.createObjectAdapterWithEndpoints("Peer", "tcp -h 127.0.0.1")
    for servant, name in ((Mirror(), "mirror"), (Thrower(), "thrower"), (Sieve(), "sieve")):
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
    assert failure.text == "text" and failure.more == [2, 2, 2]


with Ice.initialize(["peer", "--Ice.Default.Timeout=10000", "--Ice.Warn.Dispatch=0"]) as ice:
    if ROLE == "server":
        serve(ice)
    else:
        call(ice, sys.argv[3])
