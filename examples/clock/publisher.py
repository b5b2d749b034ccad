"""Tells the time to all subscribers of a topic."""

import argparse
import os
import sys
import time

import Ice
import IceStorm

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Clock.ice"))
import Demo  # noqa: E402


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
sys.argv = initial.properties.parseCommandLineOptions("TopicManager", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1000, help="milliseconds between two events")
    every = parser.parse_args().every

    proxy = communicator.getProperties().getPropertyWithDefault(
        "TopicManager.Proxy", "Demo/TopicManager:tcp -h 127.0.0.1 -p 10000"
    )
    manager = IceStorm.TopicManagerPrx.checkedCast(communicator.stringToProxy(proxy))
    clock = Demo.ClockPrx.uncheckedCast(topic_of(manager, "time").getPublisher())
    start = time.monotonic()
    try:
        while True:
            elapsed = int((time.monotonic() - start) * 1000)
            clock.tick(elapsed)
            print(f"published {elapsed}", flush=True)
            time.sleep(every / 1000)
    except KeyboardInterrupt:
        pass
