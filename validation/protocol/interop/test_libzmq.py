"""libzmq and jupyter_client against our sockets.

SURPRISAL_ECHO names the echoserver binary of this folder; without it Go builds
one. Needs pyzmq, jupyter_client and pytest.
"""

import json
import os
import subprocess
import time

import pytest
import zmq
from jupyter_client.session import Session
from zmq.utils.monitor import recv_monitor_message

KEY = b"5d1c9a0e-interop"
PATIENCE = 20_000  # ms; only ends a hung test


class Server:
    def __init__(self, binary, folder, transport):
        ip = "127.0.0.1" if transport == "tcp" else str(folder / "k")
        file = folder / "kernel.json"
        file.write_text(json.dumps({
            "transport": transport, "ip": ip, "key": KEY.decode(), "signature_scheme": "hmac-sha256",
            "shell_port": 0, "iopub_port": 0, "stdin_port": 0, "control_port": 0, "hb_port": 0}))
        self.process = subprocess.Popen([binary, str(file)], stdout=subprocess.PIPE)
        self.info = json.loads(self.process.stdout.readline())
        self.context = zmq.Context()

    def connect(self, kind, channel, **options):
        s = self.context.socket(kind)
        s.linger = 0
        s.rcvtimeo = PATIENCE
        for name, value in options.items():
            setattr(s, name, value)
        sep = ":" if self.info["transport"] == "tcp" else "-"
        s.connect(f"{self.info['transport']}://{self.info['ip']}{sep}{self.info[channel + '_port']}")
        return s

    def close(self):
        self.context.destroy(linger=0)
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="session")
def binary(tmp_path_factory):
    if "SURPRISAL_ECHO" in os.environ:
        return os.environ["SURPRISAL_ECHO"]
    path = str(tmp_path_factory.mktemp("echo") / "echoserver")
    subprocess.run(["go", "build", "-o", path, "./echoserver"], check=True, cwd=os.path.dirname(__file__))
    return path


@pytest.fixture(params=["tcp", "ipc"])
def server(request, binary, tmp_path):
    s = Server(binary, tmp_path, request.param)
    yield s
    s.close()


@pytest.fixture
def session():
    return Session(key=KEY, username="tester")


def receive(session, socket):
    identities, parts = session.feed_identities(socket.recv_multipart())
    return identities, session.deserialize(parts)


def ask(session, socket, msg_type="kernel_info_request", content=None, **extra):
    sent = session.send(socket, msg_type, content or {}, **extra)
    _, reply = receive(session, socket)
    assert reply["parent_header"]["msg_id"] == sent["header"]["msg_id"]
    return reply


@pytest.mark.parametrize("channel", ["shell", "control", "stdin"])
def test_echo(server, session, channel):
    dealer = server.connect(zmq.DEALER, channel)
    for n in range(100):
        reply = ask(session, dealer, content={"n": n, "text": "Schrödinger"})
        assert reply["msg_type"] == "kernel_info_reply"
        assert reply["content"] == {"n": n, "text": "Schrödinger"}


def test_every_subscriber_is_welcome(server, session):
    for topic in ("", "", "kernel."):
        sub = server.connect(zmq.SUB, "iopub")
        sub.subscribe(topic)
        identities, m = receive(session, sub)
        assert m["msg_type"] == "iopub_welcome"
        assert identities == [topic.encode()]
        assert m["content"] == {"subscription": topic}
        assert m["parent_header"] == {} and m["metadata"] == {}


def test_heartbeat_socket(server):
    req = server.connect(zmq.REQ, "hb")
    for _ in range(10):
        req.send(b"ping")
        assert req.recv() == b"ping"


def test_heartbeat_option(server, session):
    """ZMQ_HEARTBEAT_IVL sends PINGs and hangs up where no PONG comes."""
    sockets, monitors = [], []
    for kind, channel in ((zmq.DEALER, "shell"), (zmq.DEALER, "control"), (zmq.SUB, "iopub"), (zmq.REQ, "hb")):
        s = server.connect(kind, channel, heartbeat_ivl=20, heartbeat_timeout=1000, heartbeat_ttl=2000)
        monitors.append(s.get_monitor_socket(zmq.EVENT_DISCONNECTED))
        sockets.append(s)
    sockets[2].subscribe("")
    receive(session, sockets[2])
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        ask(session, sockets[0])
        ask(session, sockets[1])
        time.sleep(0.1)
    ask(session, sockets[0], "comm_msg", {"publish": 200, "size": 100_000})
    for _ in range(201):
        _, m = receive(session, sockets[2])
    assert m["msg_type"] == "status"
    for m in monitors:
        assert not m.poll(0), recv_monitor_message(m)


def test_returning_identity(server, session):
    """ROUTER_HANDOVER: the newest connection of an identity has it."""
    for _ in range(5):
        old = server.connect(zmq.DEALER, "shell", identity=b"me", reconnect_ivl=-1)
        ask(session, old)
        new = server.connect(zmq.DEALER, "shell", identity=b"me", reconnect_ivl=-1)
        ask(session, new)
        ask(session, new)


def test_reconnect(server, session):
    dealer = server.connect(zmq.DEALER, "shell", identity=b"me")
    ask(session, dealer)
    endpoint = dealer.last_endpoint
    for _ in range(5):
        dealer.disconnect(endpoint)
        dealer.connect(endpoint)
        ask(session, dealer)


def test_large_buffer(server, session):
    dealer = server.connect(zmq.DEALER, "shell")
    big = os.urandom(20 << 20)
    for _ in range(2):
        reply = ask(session, dealer, "comm_msg", {"a": 1}, buffers=[big, b"", b"small"])
        assert [bytes(b) for b in reply["buffers"]] == [big, b"", b"small"]


def test_stuck_subscriber(server, session):
    stuck = server.connect(zmq.SUB, "iopub", rcvhwm=1)
    stuck.subscribe("")
    healthy = server.connect(zmq.SUB, "iopub", rcvhwm=0)
    healthy.subscribe("")
    receive(session, healthy)
    dealer = server.connect(zmq.DEALER, "shell")
    n = 3000
    ask(session, dealer, "comm_msg", {"publish": n, "size": 30_000})
    for _ in range(n):
        _, m = receive(session, healthy)
        assert m["msg_type"] == "stream"
    _, m = receive(session, healthy)
    assert m["content"] == {"execution_state": "idle"}
    # Late, but whole: nothing is lost below the bound of the queue.
    another = Session(key=KEY)  # a session takes no message twice
    last = None
    for _ in range(n + 2):
        _, last = receive(another, stuck)
    assert last["content"] == {"execution_state": "idle"}


def test_shutdown_sends_everything(server, session):
    sub = server.connect(zmq.SUB, "iopub")
    sub.subscribe("")
    receive(session, sub)
    control = server.connect(zmq.DEALER, "control")
    reply = ask(session, control, "shutdown_request", {"restart": False})
    assert reply["msg_type"] == "shutdown_reply"
    _, m = receive(session, sub)
    assert m["content"] == {"execution_state": "idle"}
    assert server.process.wait(timeout=5) == 0
