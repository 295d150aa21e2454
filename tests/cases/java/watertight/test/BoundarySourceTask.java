package watertight.test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.apache.kafka.connect.source.TransactionContext;

/** Twin of the test component's class of this name. */
public class BoundarySourceTask extends SourceTask {
    private static final Map<String, Integer> PARTITION = Map.of("all", 0);
    private Map<String, String> config;
    private long next;

    @Override
    public void start(Map<String, String> props) {
        config = props;
        Map<String, Object> stored = context.offsetStorageReader().offset(PARTITION);
        next = stored == null ? 0 : (Long) stored.get("next");
    }

    private long number(String key, long otherwise) {
        String text = config.get(key);
        return text == null ? otherwise : Long.parseLong(text);
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
        long fail = number("fail.at", -1);
        if (fail >= 0 && next > fail) {
            throw new ConnectException("it fails behind " + fail + ", as it was told to");
        }
        Thread.sleep(number("pause.ms", 20));
        long count = number("count", -1);
        long until = Math.min(next + number("batch", 10), count < 0 ? Long.MAX_VALUE : count);
        if (next >= until) {
            Thread.sleep(500);
            return null;
        }
        long commit = number("commit.every", 0);
        long abort = number("abort.every", 0);
        TransactionContext transactions = context.transactionContext();
        List<SourceRecord> records = new ArrayList<>();
        for (; next < until; next++) {
            SourceRecord record = new SourceRecord(PARTITION, Map.of("next", next + 1), config.get("topic"),
                    Schema.STRING_SCHEMA, "0-" + next);
            records.add(record);
            if (transactions == null || commit == 0 || (next + 1) % commit != 0) {
                continue;
            }
            if (abort != 0 && (next + 1) / commit % abort == 0) {
                transactions.abortTransaction(record);
            } else {
                transactions.commitTransaction(record);
            }
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
