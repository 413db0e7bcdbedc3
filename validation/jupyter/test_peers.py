"""Clients of other makes: an old and the current jupyter_client, and libzmq bare."""

import dataclasses
import hashlib
import hmac
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
import zmq
from jupyter_client.kernelspec import KernelSpecManager
from snippets import KERNEL, ROOT, SAY

PEERS = {
    "current": (Path(sys.executable), "8."),
    "old": (ROOT / ".venv-client-old" / "bin" / "python", "7.4.9"),
}


@pytest.mark.parametrize("peer", PEERS)
def test_jupyter_client_holds_a_conversation(peer, tmp_path):
    python, version = PEERS[peer]
    assert python.exists(), f"{python} is missing: make test-jupyter makes it"
    snippets = tmp_path / "snippets.json"
    snippets.write_text(json.dumps({k: v for k, v in dataclasses.asdict(SAY).items() if isinstance(v, str)}))
    # The old client lives elsewhere, so it is told where the kernel is installed.
    env = os.environ | {"JUPYTER_PATH": str(Path(sys.prefix) / "share" / "jupyter")}
    done = subprocess.run(
        [python, Path(__file__).parent / "peer.py", KERNEL, snippets],
        env=env, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    saw = json.loads(done.stdout.splitlines()[-1])
    print(saw["python"], saw["client"], saw["pyzmq"], saw["libzmq"])
    assert saw["client"].startswith(version)
    assert "timeout" not in saw, saw
    assert saw["hello"] == ["ok", "hello, world\n"]
    assert saw["result"] == ["42"]
    assert saw["error"] == ["error", ["error"]]
    assert saw["prompt"] == "name? "
    assert "hello Ada" in saw["answer"]
    assert saw["interrupted"] == "error"
    assert saw["kept"] == ["42"], "an interrupt keeps variables"
    assert saw["heartbeat"]
    assert saw["restarted"] == ["error", 1], "a restart keeps nothing and counts from 1"
    assert not saw["alive"]


class Bare:
    """A kernel started from its spec, and libzmq sockets to it."""

    def __init__(self, folder: Path, transport: str):
        self.key = uuid.uuid4().hex
        self.session = uuid.uuid4().hex
        names = ("shell", "iopub", "stdin", "control", "hb")
        ip = "127.0.0.1" if transport == "tcp" else str(folder / "k")
        self.info = {"transport": transport, "ip": ip, "key": self.key, "signature_scheme": "hmac-sha256"}
        for n, name in enumerate(names, start=1):
            self.info[f"{name}_port"] = self._free_port() if transport == "tcp" else n
        file = folder / "kernel.json"
        file.write_text(json.dumps(self.info))
        spec = KernelSpecManager().get_kernel_spec(KERNEL)
        argv = [a.replace("{connection_file}", str(file)).replace("{resource_dir}", spec.resource_dir) for a in spec.argv]
        argv[0] = sys.executable if argv[0].startswith("python") else argv[0]  # as jupyter_client does
        # A process group of its own: a signal to this test is not one to the kernel.
        self.process = subprocess.Popen(argv, env=os.environ | spec.env, start_new_session=True)
        self.context = zmq.Context()

    @staticmethod
    def _free_port():
        with zmq.Context() as context, context.socket(zmq.REP) as probe:
            return probe.bind_to_random_port("tcp://127.0.0.1")

    def connect(self, kind, name):
        socket = self.context.socket(kind)
        socket.linger = 0
        socket.rcvtimeo = 60_000
        between = ":" if self.info["transport"] == "tcp" else "-"
        socket.connect(f"{self.info['transport']}://{self.info['ip']}{between}{self.info[name + '_port']}")
        return socket

    def send(self, socket, kind, content, sign=True):
        header = {"msg_id": uuid.uuid4().hex, "session": self.session, "username": "", "date": "2026-01-01T00:00:00Z",
                  "msg_type": kind, "version": "5.3"}  # fmt: skip
        parts = [json.dumps(p).encode() for p in (header, {}, {}, content)]
        signature = hmac.new(self.key.encode(), b"".join(parts), hashlib.sha256).hexdigest().encode()
        socket.send_multipart([b"<IDS|MSG>", signature if sign else b"0" * 64, *parts])
        return header["msg_id"]

    def receive(self, socket):
        frames = socket.recv_multipart()
        at = frames.index(b"<IDS|MSG>")
        signature, parts = frames[at + 1], frames[at + 2 : at + 6]
        assert signature == hmac.new(self.key.encode(), b"".join(parts), hashlib.sha256).hexdigest().encode()
        header, parent, _, content = (json.loads(p) for p in parts)
        return header["msg_type"], parent.get("msg_id"), content

    def close(self):
        self.context.destroy(linger=0)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(20)


@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_libzmq_speaks_to_the_kernel_bare(transport, tmp_path):
    kernel = Bare(tmp_path, transport)
    try:
        shell = kernel.connect(zmq.DEALER, "shell")
        control = kernel.connect(zmq.DEALER, "control")
        beat = kernel.connect(zmq.REQ, "hb")
        # A client with no right signature is not answered, and harms nobody.
        kernel.send(shell, "kernel_info_request", {}, sign=False)
        first = kernel.send(shell, "kernel_info_request", {})
        kind, parent, content = kernel.receive(shell)
        assert (kind, parent, content["status"]) == ("kernel_info_reply", first, "ok")
        assert content["language_info"]["name"] == SAY.language
        beat.send(b"ping")
        assert beat.recv() == b"ping"

        listener = kernel.connect(zmq.SUB, "iopub")
        listener.subscribe(b"")
        assert kernel.receive(listener)[0] == "iopub_welcome"

        request = kernel.send(shell, "execute_request", {
            "code": SAY.result, "silent": False, "store_history": True,
            "user_expressions": {}, "allow_stdin": False, "stop_on_error": True})  # fmt: skip
        kinds = []
        while True:
            kind, parent, content = kernel.receive(listener)
            if parent == request:
                kinds.append(content.get("execution_state", kind))
                if kinds[-1] == "execute_result":
                    assert content["data"]["text/plain"] == "42"
                if kinds[-1] == "idle":
                    break
        assert kinds == ["busy", "execute_input", "execute_result", "idle"]
        kind, parent, content = kernel.receive(shell)
        assert (kind, parent, content["status"]) == ("execute_reply", request, "ok")

        request = kernel.send(control, "shutdown_request", {"restart": False})
        assert kernel.receive(control)[:2] == ("shutdown_reply", request)
        assert kernel.process.wait(20) == 0
    finally:
        kernel.close()
