import unittest

from watertight_sdk import Config, ConfigKey, Failure, Kind

N = ConfigKey("n", Kind.INT, default="5")
YES = ConfigKey("yes", Kind.BOOLEAN, optional=True)


class ConfigCases(unittest.TestCase):
    def test_an_absent_value_is_the_default(self) -> None:
        self.assertEqual(Config({}).integer(N), 5)
        self.assertIsNone(Config({}).optional(YES))

    def test_a_wrong_value_is_named_in_kafkas_words(self) -> None:
        with self.assertRaises(Failure) as caught:
            Config({"n": "many"}).integer(N)
        self.assertEqual(str(caught.exception), "Invalid value many for configuration n: Not a number of type INT")

    def test_a_missing_value_is_named_in_kafkas_words(self) -> None:
        with self.assertRaisesRegex(Failure, 'Missing required configuration "yes" which has no default value.'):
            Config({}).boolean(YES)

    def test_a_changed_copy_is_no_secret_any_more(self) -> None:
        config = Config({"password": "ref"}, ["password"])
        self.assertEqual(config.with_value("password", "plain").secrets, frozenset())
        self.assertEqual(config["password"], "ref")

    def test_a_list_is_split_and_trimmed(self) -> None:
        names = ConfigKey("names", Kind.LIST, optional=True)
        self.assertEqual(Config({"names": "a, b"}).items_of(names), ["a", "b"])
        self.assertEqual(Config({"names": ""}).items_of(names), [])


if __name__ == "__main__":
    unittest.main()
