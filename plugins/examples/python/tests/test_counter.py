import unittest

from counter import Counter, CounterTask
from watertight_sdk import Config, Failure, PollLimits
from watertight_sdk.testing import FakeWorker


def started(**settings: str) -> CounterTask:
    task = CounterTask()
    task.start(Config({"topic": "numbers", **settings}))
    return task


class CounterCases(unittest.TestCase):
    def setUp(self) -> None:
        self.worker = FakeWorker()

    def lines(self, task: CounterTask) -> list[str]:
        return [record.value for record in self.worker.poll(task).records]

    def test_it_counts_with_its_prefix(self) -> None:
        task = started(prefix="n", count="3", **{"interval.ms": "0"})
        self.assertEqual(self.lines(task), ["n-0", "n-1", "n-2"])

    def test_at_the_end_it_waits(self) -> None:
        task = started(count="0")
        batch = self.worker.poll(task)
        self.assertEqual(batch.records, [])
        self.assertGreater(batch.wait_ms or 0, 0)

    def test_it_sends_one_record_an_interval(self) -> None:
        task = started(**{"interval.ms": "250"})
        batch = self.worker.poll(task)
        self.assertEqual((len(batch.records), batch.wait_ms), (1, 250))

    def test_it_resumes_after_the_stored_offset(self) -> None:
        self.assertEqual(self.lines(started()), ["record-0"])
        self.assertEqual(self.lines(started()), ["record-1"])
        self.assertEqual(self.lines(started(prefix="other")), ["other-0"])

    def test_it_sends_no_more_than_the_worker_takes(self) -> None:
        task = started(**{"interval.ms": "0"})
        self.assertEqual(len(self.worker.poll(task, PollLimits(7, 1000, 1000)).records), 7)

    def test_a_missing_topic_is_named(self) -> None:
        with self.assertRaisesRegex(Failure, '"topic"'):
            CounterTask().start(Config({}))

    def test_a_prefix_of_two_lines_is_refused(self) -> None:
        reports = Counter().validate(Config({"topic": "numbers", "prefix": "a\nb"}))
        self.assertEqual([report.name for report in reports], ["prefix"])


if __name__ == "__main__":
    unittest.main()
