"""An RTSP server of GStreamer, none of ours: `rtsp.py PORT WIDTH HEIGHT RATE [USER PASSWORD]`.

Prints `ready` when it listens. The stream is rtsp://127.0.0.1:PORT/live; its pictures are those of clock.py.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
gi.require_version("GstRtsp", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

from clock import code  # noqa: E402

PORT = sys.argv[1]
WIDTH, HEIGHT, RATE = (int(word) for word in sys.argv[2:5])
SECRETS = sys.argv[5:7]


class Factory(GstRtspServer.RTSPMediaFactory):
    def do_create_element(self, url):
        caps = f"video/x-raw,format=I420,width={WIDTH},height={HEIGHT},framerate={RATE}/1"
        pipeline = Gst.parse_launch(
            f"appsrc name=source is-live=true do-timestamp=true format=time block=false max-buffers=2 caps={caps} "
            f"! queue max-size-buffers=1 leaky=downstream "
            f"! x264enc tune=zerolatency speed-preset=ultrafast sliced-threads=false threads=1 bitrate=4000 key-int-max={RATE} "
            f"! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96"
        )
        source = pipeline.get_by_name("source")

        def push():
            if source.get_parent() is None:
                return False
            result = source.emit("push-buffer", Gst.Buffer.new_wrapped(code(WIDTH, HEIGHT)))
            return result in (Gst.FlowReturn.OK, Gst.FlowReturn.FLUSHING)

        GLib.timeout_add(1000 // RATE, push)
        return pipeline


def main():
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service(PORT)
    factory = Factory()
    factory.set_shared(True)
    factory.set_latency(0)
    if SECRETS:
        auth = GstRtspServer.RTSPAuth.new()
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        token = GstRtspServer.RTSPToken()
        token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "user")
        auth.add_digest(SECRETS[0], SECRETS[1], token)
        server.set_auth(auth)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("user", "media.factory.access", True)
        permissions.add_permission_for_role("user", "media.factory.construct", True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory("/live", factory)
    if server.attach(None) == 0:
        sys.exit(f"port {PORT} is taken")
    print("ready", flush=True)
    GLib.MainLoop().run()


main()
