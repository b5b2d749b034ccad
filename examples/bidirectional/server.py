"""Calls clients back over the connections that they have opened."""

import os
import signal
import sys
import threading
import time

import Ice

Ice.loadSlice(f"-I{Ice.getSliceDir()} " + os.path.join(os.path.dirname(__file__), "Bidirectional.ice"))
import Demo  # noqa: E402


def call_on(receiver):
    number = 1
    try:
        while True:
            receiver.callback(number)
            number += 1
            time.sleep(0.1)
    except Ice.Exception as error:
        print(f"a client has left: {type(error).__name__}", file=sys.stderr)


class Caller(Demo.Sender):
    def addClient(self, receiver, current):
        proxy = Demo.ReceiverPrx.uncheckedCast(current.con.createProxy(receiver))
        threading.Thread(target=call_on, args=[proxy], daemon=True).start()


initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Callback", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    signal.signal(signal.SIGINT, lambda *_: communicator.shutdown())
    endpoints = communicator.getProperties().getPropertyWithDefault("Callback.Endpoints", "tcp -h 127.0.0.1 -p 10000")
    adapter = communicator.createObjectAdapterWithEndpoints("Callback", endpoints)
    sender = adapter.add(Caller(), Ice.stringToIdentity("sender"))
    adapter.activate()
    print(sender, flush=True)
    communicator.waitForShutdown()
