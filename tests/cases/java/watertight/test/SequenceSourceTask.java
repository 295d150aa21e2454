package watertight.test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** Twin of the test component's class of this name. */
public class SequenceSourceTask extends SourceTask {
    private Map<String, Integer> partition;
    private String id;
    private String topic;
    private double rate;
    private long count;
    private int size;
    private long next;
    private long sent;
    private long started;
    private Diary diary;

    @Override
    public void start(Map<String, String> props) {
        id = props.get("id");
        topic = props.get("topic");
        rate = Double.parseDouble(props.getOrDefault("rate", "1000"));
        count = Long.parseLong(props.getOrDefault("count", "-1"));
        size = Integer.parseInt(props.getOrDefault("size", "0"));
        partition = Map.of("task", Integer.parseInt(id));
        Map<String, Object> stored = context.offsetStorageReader().offset(partition);
        next = stored == null ? 0 : (Long) stored.get("next");
        started = System.nanoTime();
        diary = Diary.open(props);
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
        long due = rate <= 0 ? 1000 : (long) ((System.nanoTime() - started) / 1e9 * rate) + 1 - sent;
        long left = count < 0 ? Long.MAX_VALUE : count - next;
        long now = Math.min(Math.min(due, left), 1000);
        if (now <= 0) {
            Thread.sleep(5);
            return null;
        }
        if (diary != null) {
            diary.write("poll " + System.currentTimeMillis() + " " + next);
        }
        List<SourceRecord> records = new ArrayList<>();
        for (int i = 0; i < now; i++) {
            StringBuilder text = new StringBuilder(id + "-" + next + (diary == null ? "" : "-" + diary.incarnation()));
            while (text.length() < size) {
                text.append('.');
            }
            next++;
            records.add(new SourceRecord(partition, Map.of("next", next), topic, null, Schema.STRING_SCHEMA, id,
                    Schema.STRING_SCHEMA, text.toString(), System.currentTimeMillis()));
        }
        sent += now;
        return records;
    }

    @Override
    public void stop() {
        if (diary != null) {
            diary.stop();
        }
    }

    @Override
    public String version() {
        return "1";
    }
}
