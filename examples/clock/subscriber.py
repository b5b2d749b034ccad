"""Prints the time, as the publishers of a topic tell it."""

import argparse
import os
import queue
import sys

import Ice
import IceStorm

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Clock.ice"))
import Demo  # noqa: E402

times = queue.Queue()


class Listener(Demo.Clock):
    def tick(self, time, current):
        times.put(time)


def topic_of(manager, name):
    try:
        return manager.retrieve(name)
    except IceStorm.NoSuchTopic:
        try:
            return manager.create(name)
        except IceStorm.TopicExists:
            return manager.retrieve(name)


initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
for prefix in ("TopicManager", "Subscriber"):
    sys.argv = initial.properties.parseCommandLineOptions(prefix, sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, help="after how many events it leaves")
    count = parser.parse_args().count

    properties = communicator.getProperties()
    proxy = properties.getPropertyWithDefault("TopicManager.Proxy", "Demo/TopicManager:tcp -h 127.0.0.1 -p 10000")
    manager = IceStorm.TopicManagerPrx.checkedCast(communicator.stringToProxy(proxy))
    endpoints = properties.getPropertyWithDefault("Subscriber.Endpoints", "tcp -h 127.0.0.1")
    adapter = communicator.createObjectAdapterWithEndpoints("Subscriber", endpoints)
    listener = adapter.addWithUUID(Listener())
    adapter.activate()

    topic = topic_of(manager, "time")
    topic.subscribeAndGetPublisher({}, listener)
    print("subscribed", file=sys.stderr, flush=True)
    heard = 0
    try:
        while count is None or heard < count:
            time = times.get()
            heard += 1
            print(f"{time / 1000:.3f}s", flush=True)
    except KeyboardInterrupt:
        pass
    topic.unsubscribe(listener)
