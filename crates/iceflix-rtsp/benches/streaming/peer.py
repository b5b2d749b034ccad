"""gst-rtsp-server with the films that standard input names, a line each; prints their URLs."""

import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
server.attach(None)
mounts = server.get_mount_points()
pool = server.get_session_pool()
pool.set_max_sessions(0)


def listen():
    for number, path in enumerate(sys.stdin):
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(
            f'( filesrc location="{path.strip()}" ! qtdemux name=d '
            "d.video_0 ! queue ! rtph264pay name=pay0 pt=96 "
            "d.audio_0 ! queue ! rtpmp4gpay name=pay1 pt=97 )"
        )
        mounts.add_factory(f"/{number}", factory)
        print(f"rtsp://127.0.0.1:{server.get_bound_port()}/{number}", flush=True)
    GLib.idle_add(loop.quit)


loop = GLib.MainLoop()
threading.Thread(target=listen, daemon=True).start()
loop.run()
