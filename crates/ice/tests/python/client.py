"""A client of the servants in python.rs, without Slice definitions: parameters are encoded by hand."""

import struct
import sys

import Ice


def encapsulation(body=b""):
    return struct.pack("<iBB", 6 + len(body), 1, 1) + body


def string(text):
    encoded = text.encode()
    assert len(encoded) < 255
    return bytes([len(encoded)]) + encoded


def raises(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError("%s was expected" % kind.__name__)


def main(endpoint):
    # Everything travels over one connection, so that a request with an answer arrives behind those without.
    with Ice.initialize(["--Ice.Default.CollocationOptimized=0"]) as communicator:

        def proxy(identity):
            return communicator.stringToProxy("%s:%s" % (identity, endpoint))

        def echo(target, text):
            return target.ice_invoke("echo", Ice.OperationMode.Normal, encapsulation(string(text)))

        # Default servants and facets.
        assert echo(proxy("cat/any"), "x") == (True, encapsulation(string("x")))
        proxy("cat/any -f facet").ice_ping()
        raises(Ice.ObjectNotExistException, proxy("dog/any").ice_ping)
        gone = raises(Ice.FacetNotExistException, proxy("notes -f none").ice_ping)
        assert (gone.id.name, gone.facet, gone.operation) == ("notes", "none", "ice_ping")

        # An object that answers for itself what every object answers.
        proxy("zoo/there").ice_ping()
        raises(Ice.ObjectNotExistException, proxy("zoo/gone").ice_ping)
        assert proxy("zoo/there").ice_ids() == ["there", "::Test::Echo"]
        assert proxy("zoo/there").ice_isA("::Test::Echo")

        # A locator that finds, finds nothing, and raises before and after its servant.
        for name in ["here", "here-wait"]:
            assert echo(proxy("located/" + name), "x") == (True, encapsulation(string("x")))
        raises(Ice.ObjectNotExistException, proxy("located/nowhere").ice_ping)
        for moment in ["locate", "finished"]:
            failing = proxy("located/here-" + moment)
            unknown = raises(Ice.UnknownUserException, failing.ice_ping)
            assert unknown.unknown == "::Test::Refused", unknown
            returned, exception = echo(failing, "x")
            assert not returned and b"::Test::Refused" in exception and moment.encode() in exception

        # An interceptor, which lets in who says so.
        error = raises(Ice.UnknownException, proxy("guarded").ice_ping)
        assert error.unknown == "members only"
        proxy("guarded").ice_context({"member": "yes"}).ice_ping()

        # Encoded bytes, answered so.
        assert proxy("blob").ice_invoke("anything", Ice.OperationMode.Idempotent, encapsulation(b"\x07")) == (
            True,
            encapsulation(b"\x07"),
        )

        # Oneway requests, one by one and in batches, to a servant that waits.
        notes = proxy("notes")
        oneway, batch = notes.ice_oneway(), notes.ice_batchOneway()
        for number in range(2000):
            oneway.ice_invoke("note", Ice.OperationMode.Normal, encapsulation(struct.pack("<i", number)))
        for number in range(2000, 2500):
            batch.ice_invoke("note", Ice.OperationMode.Normal, encapsulation(struct.pack("<i", number)))
        batch.ice_flushBatchRequests()
        notes.ice_ping()


main(sys.argv[1])
