"""One conversation with a kernel through jupyter_client; prints what it saw.

Runs alone, in whatever environment holds the client to be tested:

    python peer.py KERNEL SNIPPETS.json
"""

import json
import platform
import queue
import sys
import time

import jupyter_client
import zmq
from jupyter_client.manager import start_new_kernel


def until_idle(kc, msg_id):
    """The iopub messages of one request, up to its idle."""
    seen = []
    while True:
        msg = kc.get_iopub_msg(timeout=60)
        if msg["parent_header"].get("msg_id") != msg_id:
            continue
        if msg["msg_type"] == "status" and msg["content"]["execution_state"] == "idle":
            return seen
        seen.append(msg)


def ask(kc, code, **options):
    msg_id = kc.execute(code, **options)
    while True:
        reply = kc.get_shell_msg(timeout=60)
        if reply["parent_header"].get("msg_id") == msg_id:
            return reply["content"], until_idle(kc, msg_id)


def main(kernel, snippets):
    saw = {
        "python": platform.python_version(),
        "client": jupyter_client.__version__,
        "pyzmq": zmq.__version__,
        "libzmq": zmq.zmq_version(),
    }
    km, kc = start_new_kernel(kernel_name=kernel)
    try:
        reply, shown = ask(kc, snippets["hello"])
        saw["hello"] = reply["status"], "".join(m["content"]["text"] for m in shown if m["msg_type"] == "stream")
        _, shown = ask(kc, snippets["result"])
        saw["result"] = [m["content"]["data"]["text/plain"] for m in shown if m["msg_type"] == "execute_result"]
        reply, shown = ask(kc, snippets["error"])
        saw["error"] = reply["status"], [m["msg_type"] for m in shown if m["msg_type"] == "error"]

        msg_id = kc.execute(snippets["ask"])
        prompt = kc.get_stdin_msg(timeout=60)
        saw["prompt"] = prompt["content"]["prompt"]
        kc.input("Ada")
        shown = until_idle(kc, msg_id)
        saw["answer"] = "".join(m["content"]["text"] for m in shown if m["msg_type"] == "stream")
        kc.get_shell_msg(timeout=60)

        ask(kc, snippets["keep"])
        msg_id = kc.execute(snippets["busy"])
        while kc.get_iopub_msg(timeout=60)["msg_type"] != "execute_input":
            pass
        time.sleep(0.2)  # the cell is in its loop, not before it
        km.interrupt_kernel()
        until_idle(kc, msg_id)
        saw["interrupted"] = kc.get_shell_msg(timeout=60)["content"]["status"]
        _, shown = ask(kc, snippets["kept"])
        saw["kept"] = [m["content"]["data"]["text/plain"] for m in shown if m["msg_type"] == "execute_result"]

        saw["heartbeat"] = kc.hb_channel.is_beating()
        km.restart_kernel(now=False)
        kc.wait_for_ready(timeout=60)
        reply, _ = ask(kc, snippets["kept"])
        saw["restarted"] = reply["status"], reply["execution_count"]
    except queue.Empty:
        saw["timeout"] = True
    finally:
        kc.stop_channels()
        km.shutdown_kernel()
    saw["alive"] = km.is_alive()
    print(json.dumps(saw))


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        main(sys.argv[1], json.load(file))
