package watertight.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** Rows of ten fields, so many in all, a thousand a poll. */
public class BenchSourceTask extends SourceTask {
    private static final String FILLER = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN";
    private static final Map<String, String> PARTITION = Map.of("source", "nothing");
    private static final Schema SCHEMA = SchemaBuilder.struct()
            .field("field0", Schema.INT64_SCHEMA)
            .field("field1", Schema.INT32_SCHEMA)
            .field("field2", Schema.INT32_SCHEMA)
            .field("field3", Schema.INT64_SCHEMA)
            .field("field4", Schema.FLOAT64_SCHEMA)
            .field("field5", Schema.FLOAT64_SCHEMA)
            .field("field6", Schema.BOOLEAN_SCHEMA)
            .field("field7", Schema.BOOLEAN_SCHEMA)
            .field("field8", Schema.STRING_SCHEMA)
            .field("field9", Schema.STRING_SCHEMA)
            .build();
    private String topic;
    private long left;
    private long next;

    @Override
    public void start(Map<String, String> props) {
        topic = props.get("topic");
        left = Long.parseLong(props.get("records"));
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
        if (left == 0) {
            Thread.sleep(10);
            return null;
        }
        int count = (int) Math.min(left, 1000);
        List<SourceRecord> records = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            next++;
            records.add(new SourceRecord(PARTITION, Map.of("position", next), topic, SCHEMA, row(next)));
        }
        left -= count;
        return records;
    }

    private static Struct row(long n) {
        return new Struct(SCHEMA)
                .put("field0", n)
                .put("field1", (int) (n & 0xffff))
                .put("field2", 7)
                .put("field3", -n)
                .put("field4", 0.5)
                .put("field5", (double) n)
                .put("field6", true)
                .put("field7", (n & 1) == 0)
                .put("field8", FILLER.substring(0, 20))
                .put("field9", FILLER.substring(20, 40));
    }

    @Override
    public void stop() { }

    @Override
    public String version() {
        return "0.1.0";
    }
}
