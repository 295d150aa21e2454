"""Drives every command of `kc`, the command line of kafka-connect-py, against a worker.

Usage: kc_command.py KC URL FILE. Ends with an error at the first answer that is not what the command promises, and if
the client has a command that was not driven.
"""

import json
import re
import subprocess
import sys
import time

KC, URL, FILE = sys.argv[1:4]
NAME = "kc-source"
CONFIG = {
    "name": NAME,
    "connector.class": "FileStreamSource",
    "tasks.max": "1",
    "file": FILE,
    "topic": "kc-lines",
}
driven = set()


def run(command, *arguments):
    """What the command printed; it prints its errors too, so that its exit code tells nothing."""
    driven.add(command)
    done = subprocess.run([KC, "--url", URL, command, *arguments], capture_output=True, text=True, timeout=120)
    print(f"kc {command} {' '.join(arguments)}: {done.stdout.strip()[:200]}")
    assert done.returncode == 0, done.stderr
    assert "Oops" not in done.stdout, done.stdout
    return done.stdout


def answer(command, *arguments):
    return json.loads(run(command, *arguments))


def soon(state):
    for _ in range(300):
        now = answer("status", NAME)
        if now["connector"]["state"] == state and all(task["state"] == state for task in now["tasks"]) and now["tasks"]:
            return
        time.sleep(0.1)
    raise AssertionError(f"{NAME} is not {state}: {now}")


assert answer("info")["kafka_cluster_id"]
assert NAME not in answer("list")
assert any(plugin["class"].endswith("FileStreamSourceConnector") for plugin in answer("list-plugins"))
# It encodes its question twice: to a worker that is a string where an object should be.
assert re.match("(400|500) ", run("validate-config", "FileStreamSource", "--config-data", json.dumps(CONFIG)))
created = answer("create", "--config-data", json.dumps({"name": NAME, "config": CONFIG}))
assert created["name"] == NAME and created["type"] == "source", created
assert "409" in run("create", "--config-data", json.dumps({"name": NAME, "config": CONFIG}))
soon("RUNNING")
assert NAME in answer("list")
assert answer("list", "--expand", "status")[NAME]["status"]["connector"]["state"] == "RUNNING"
assert answer("list", "--expand", "info")[NAME]["info"]["config"] == CONFIG
assert NAME in answer("list", "--pattern", "kc-.*")
assert NAME in answer("list", "--state", "RUNNING")
assert answer("get", NAME)["config"] == CONFIG
assert answer("config", NAME) == CONFIG
assert [task["id"] for task in answer("list-tasks", NAME)] == [{"connector": NAME, "task": 0}]
assert answer("task-status", NAME, "0")["state"] == "RUNNING"
run("restart-task", NAME, "0")
soon("RUNNING")
for _ in range(300):
    if answer("list-topics", NAME)[NAME]["topics"] == ["kc-lines"]:
        break
    time.sleep(0.1)
else:
    raise AssertionError("the topic is not among those in use")
run("pause", NAME)
soon("PAUSED")
run("reset-topics", NAME)
assert answer("list-topics", NAME)[NAME]["topics"] == []
run("resume", NAME)
soon("RUNNING")
run("restart", NAME)
soon("RUNNING")
run("restart", NAME, "--include-tasks")
soon("RUNNING")
run("restart", NAME, "--only-failed", "--include-tasks")
soon("RUNNING")
run("pause", "--all", "--pattern", "kc-.*")
soon("PAUSED")
run("resume", "--all", "--pattern", "kc-.*")
soon("RUNNING")
run("restart", "--all", "--pattern", "kc-.*")
soon("RUNNING")
updated = answer("update", NAME, "--config-data", json.dumps({**CONFIG, "batch.size": "10"}))
assert updated["config"]["batch.size"] == "10", updated
soon("RUNNING")
run("delete", NAME)
assert NAME not in answer("list")
assert "404" in run("get", NAME)

usage = subprocess.run([KC, "--help"], capture_output=True, text=True, check=True).stdout
commands = set(re.findall(r"^  ([a-z-]+)  ", usage.partition("Commands:")[2], re.MULTILINE))
assert commands == driven, f"not driven: {commands - driven}, unknown: {driven - commands}"
print(f"{len(driven)} commands")
