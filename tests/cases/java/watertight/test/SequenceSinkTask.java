package watertight.test;

import java.util.Collection;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/** Twin of the test component's class of this name. */
public class SequenceSinkTask extends SinkTask {
    private Diary diary;

    @Override
    public void start(Map<String, String> props) {
        diary = Diary.open(props);
    }

    @Override
    public void open(Collection<TopicPartition> partitions) {
        note("open", partitions);
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        StringBuilder lines = new StringBuilder();
        for (SinkRecord record : records) {
            String value = String.valueOf(record.value()).replaceAll("\\.+$", "");
            lines.append("put ").append(record.originalTopic()).append(' ').append(record.originalKafkaPartition())
                    .append(' ').append(record.originalKafkaOffset()).append(' ').append(value).append('\n');
        }
        if (diary != null && lines.length() > 0) {
            diary.write(lines.toString().trim());
        }
    }

    @Override
    public void close(Collection<TopicPartition> partitions) {
        note("close", partitions);
    }

    @Override
    public void stop() {
        if (diary != null) {
            diary.stop();
        }
    }

    private void note(String what, Collection<TopicPartition> partitions) {
        for (TopicPartition at : partitions) {
            if (diary != null) {
                diary.write(what + " " + at.topic() + " " + at.partition());
            }
        }
    }

    @Override
    public String version() {
        return "1";
    }
}
