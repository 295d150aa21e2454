"""Drives the whole of kafka-connect-api, the Python library behind the tools of Compose-X, against a worker.

Usage: connect_api.py URL FILE. Ends with an error at the first answer that is not what the library promises, and if a
public name of its classes was not used.
"""

import sys
import time
from urllib.parse import urlparse

from kafka_connect_api.errors import GenericNotFound
from kafka_connect_api.kafka_connect_api import Api, Cluster, Connector, Task

URL, FILE = sys.argv[1:3]
NAME = "api-source"
CONFIG = {
    "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
    "tasks.max": "1",
    "file": FILE,
    "topic": "api-lines",
}
used = set()


def note(thing, name):
    """The attribute; what was asked for is remembered."""
    used.add((type(thing), name))
    return getattr(thing, name)


def soon(what, check):
    for _ in range(300):
        seen = what()
        if check(seen):
            return seen
        time.sleep(0.1)
    raise AssertionError(seen)


place = urlparse(URL)
api = Api(hostname=place.hostname, port=place.port, username="nobody", password="asks")
assert note(api, "url") == URL.rstrip("/")
assert note(api, "protocol") == "http" and note(api, "port") == place.port
assert note(api, "basic_auth") and note(api, "verify_ssl") is False
cluster = Cluster(api)
assert note(cluster, "api") is api
assert note(cluster, "version") and note(cluster, "kafka_cluster")
assert note(cluster, "get")()["kafka_cluster_id"] == cluster.kafka_cluster
assert NAME not in note(cluster, "connectors")

level = note(cluster, "root_logger")["level"]
loggers = note(cluster, "loggers")
assert "root" in loggers, loggers
assert "root" in note(cluster, "set_logger_log_level")("root", "WARN" if level != "WARN" else "INFO")
cluster.root_logger = level
assert cluster.root_logger["level"] == level

created = note(api, "post_raw")("/connectors", json={"name": NAME, "config": CONFIG})
assert created.status_code == 201 and created.json()["name"] == NAME, created.text
connector = cluster.connectors[NAME]
assert note(connector, "cluster") is cluster and note(connector, "api") is api
assert note(connector, "exists")()
try:
    # It means to answer False, and never does.
    raise AssertionError(Connector(cluster, "nobody").exists())
except GenericNotFound as error:
    print(f"nobody: {error}")
assert note(connector, "connector_class") == CONFIG["connector.class"]
assert note(connector, "config") == {**CONFIG, "name": NAME}
running = lambda state: soon(lambda: note(connector, "state"), lambda now: now == state)
running("RUNNING")
soon(lambda: note(connector, "status"), lambda now: [task["state"] for task in now["tasks"]] == ["RUNNING"])
(task,) = note(connector, "tasks")
assert note(task, "api") is api and note(task, "connector") is connector
assert task.id == 0 and task.config["file"] == FILE
assert note(task, "is_running")() and note(task, "state") == "RUNNING"
assert note(task, "status")["worker_id"]
note(task, "restart")()
soon(task.is_running, bool)
note(connector, "restart")()
running("RUNNING")
note(connector, "pause")()
running("PAUSED")
note(connector, "resume")()
running("RUNNING")
note(connector, "restart_all_tasks")()
note(connector, "cycle_connector")()
running("RUNNING")
connector.config = {**CONFIG, "batch.size": "7"}
assert connector.config["batch.size"] == "7"
assert note(api, "get")(f"/connectors/{NAME}/topics")[NAME]["topics"] is not None
assert note(api, "get_raw")("/connectors?expand=info&expand=status").json()[NAME]["info"]["name"] == NAME
assert note(api, "put")("/connector-plugins/FileStreamSource/config/validate", json={**CONFIG, "name": NAME})["error_count"] == 0
assert note(api, "put_raw")(f"/connectors/{NAME}/stop").status_code == 204
assert note(api, "post")(f"/connectors/{NAME}/restart?includeTasks=True&onlyFailed=False")["name"] == NAME
assert note(api, "delete")(f"/connectors/{NAME}/offsets")
assert note(connector, "delete")() is None
try:
    note(api, "delete_raw")(f"/connectors/{NAME}")
    raise AssertionError("deleted twice")
except GenericNotFound as error:
    print(f"in its own words: {error}")

for kind in (Api, Cluster, Connector, Task):
    public = {name for name in vars(kind) if not name.startswith("_")}
    rest = public - {name for owner, name in used if owner is kind}
    assert not rest, f"{kind.__name__}: not used: {rest}"
print(f"{len(used)} names")
