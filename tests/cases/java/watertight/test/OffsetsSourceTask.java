package watertight.test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** The numbers from the stored offset up to {@code count}; then nothing more. */
public class OffsetsSourceTask extends SourceTask {
    private Map<String, String> partition;
    private String topic;
    private long next;
    private long count;

    @Override
    public void start(Map<String, String> props) {
        partition = Map.of("task.id", props.get("name") + "-" + props.get("id"));
        topic = props.get("topic");
        count = Long.parseLong(props.getOrDefault("count", "10"));
        Map<String, Object> stored = context.offsetStorageReader().offset(partition);
        next = stored == null ? 0 : (Long) stored.get("saved");
    }

    @Override
    public List<SourceRecord> poll() {
        if (next >= count) {
            Hook.sleep(50);
            return null;
        }
        List<SourceRecord> records = new ArrayList<>();
        while (next < count && records.size() < 100) {
            next++;
            records.add(new SourceRecord(partition, Map.of("saved", next), topic, null, null, null, String.valueOf(next)));
        }
        return records;
    }

    @Override
    public void stop() {
    }

    @Override
    public String version() {
        return "1";
    }
}
