import json
import unittest

from watertight_sdk import ConfigKey, Kind, PluginClass, SourceConnector
from watertight_sdk.metadata import section, text, with_section

HEADER = b"\0asm\x0d\0\x01\0"


class Ticks(SourceConnector):
    CLASS = PluginClass(
        "com.example.TickSource", "1", config=(ConfigKey("topic"), ConfigKey("n", Kind.INT, default="1"))
    )


class MetadataCases(unittest.TestCase):
    def test_the_text_has_the_names_of_the_contract(self) -> None:
        said = json.loads(text([Ticks]))
        self.assertEqual(said["contract"], "0.2.0")
        (one,) = said["classes"]
        self.assertEqual((one["name"], one["role"], one["task-class"]), ("com.example.TickSource", "source", None))
        topic, number = one["config"]
        self.assertEqual((topic["required"], topic["default-value"], topic["order-in-group"]), (True, None, None))
        self.assertEqual((number["required"], number["default-value"], number["kind"]), (False, "1", "INT"))

    def test_a_section_is_id_size_name_and_data(self) -> None:
        self.assertEqual(section(b"xy", "n"), b"\0\x04\x01nxy")

    def test_a_size_over_127_takes_two_bytes(self) -> None:
        self.assertEqual(section(b"x" * 198, "n")[:3], b"\0\xc8\x01")

    def test_a_section_replaces_an_older_one_and_leaves_others(self) -> None:
        other = section(b"kept", "name")
        once = with_section(HEADER + other, b"old")
        self.assertEqual(with_section(once, b"new"), HEADER + other + section(b"new"))

    def test_what_is_no_component_is_refused(self) -> None:
        for wrong in (b"", b"\0asm\x01\0\0\0", HEADER + b"\0\x20short"):
            with self.subTest(wrong), self.assertRaises(ValueError):
                with_section(wrong, b"x")


if __name__ == "__main__":
    unittest.main()
