package watertight.bench;

import java.util.Collection;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/** Looks at each field and keeps a sum. */
public class BenchSinkTask extends SinkTask {
    private long sum;

    @Override
    public void start(Map<String, String> props) { }

    @Override
    public void put(Collection<SinkRecord> records) {
        for (SinkRecord record : records) {
            if (!(record.value() instanceof Struct row)) {
                throw new DataException("a row is wanted, not " + record.value());
            }
            for (Field field : row.schema().fields()) {
                sum += weight(row.get(field));
            }
        }
        if (sum == Long.MAX_VALUE) {
            throw new IllegalStateException("never in earnest");
        }
    }

    private static long weight(Object value) {
        if (value instanceof String text) {
            return text.length();
        }
        if (value instanceof Number number) {
            return number.longValue() & 0xff;
        }
        return 1;
    }

    @Override
    public void stop() { }

    @Override
    public String version() {
        return "0.1.0";
    }
}
