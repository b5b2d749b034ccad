"""Writes on notes, and reads them."""

import json
import os
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Notes.ice"))
import Demo  # noqa: E402

initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Notes", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    proxy = communicator.getProperties().getPropertyWithDefault(
        "Notes.Proxy", "note/shopping:tcp -h 127.0.0.1 -p 10000"
    )
    any_note = communicator.stringToProxy(proxy)
    notes = [
        Demo.NotePrx.uncheckedCast(any_note.ice_identity(Ice.Identity(name, "note")))
        for name in ["shopping", "garden", "ideas"]
    ]
    notes[0].write("bread, milk")
    notes[1].write("water the roses")
    for note in notes:
        print(f"{note.ice_getIdentity().name}: {json.dumps(note.read())}")
