import json
import tempfile
import unittest
from pathlib import Path

from json_lines import JsonLinesTask, line
from watertight_sdk import Config, Failure, SinkRecord


def record(value: object, offset: int = 0) -> SinkRecord:
    return SinkRecord("renamed", 0, None, value, [("h", b"x")], 5, ("numbers", 2), offset)


class JsonLinesCases(unittest.TestCase):
    def test_a_line_says_where_the_record_came_from(self) -> None:
        said = json.loads(line(record({"a": [1, None]}, 7)))
        self.assertEqual((said["topic"], said["partition"], said["offset"]), ("numbers", 2, 7))
        self.assertEqual((said["value"], said["headers"]), ({"a": [1, None]}, {"h": "x"}))

    def test_lines_are_appended_over_restarts(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "out"
            for offset in range(2):
                task = JsonLinesTask()
                task.start(Config({"file": str(path)}))
                task.put([record("two\nlines", offset)])
                task.stop()
            self.assertEqual([json.loads(said)["offset"] for said in path.read_text().splitlines()], [0, 1])

    def test_a_file_that_cannot_be_opened_is_named_with_the_setting(self) -> None:
        with self.assertRaisesRegex(Failure, r"sandbox\.fs\.roots"):
            JsonLinesTask().start(Config({"file": "/no/such/folder/file"}))


if __name__ == "__main__":
    unittest.main()
