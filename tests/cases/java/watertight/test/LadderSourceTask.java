package watertight.test;

import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** Twin of the test component's class of this name. */
public class LadderSourceTask extends SourceTask {
    private Signs signs;
    private String id;
    private String topic;

    @Override
    public void start(Map<String, String> props) {
        signs = new Signs(props);
        id = props.get("id");
        topic = props.getOrDefault("topic", "");
        signs.waitWhile("hang-task-" + id);
        signs.heed("fail-task-" + id);
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
        signs.heed("fail-poll-" + id);
        Thread.sleep(topic.isEmpty() ? 50 : 100);
        if (topic.isEmpty()) {
            return null;
        }
        return List.of(new SourceRecord(Map.of("id", id), Map.of("step", 1L), topic, Schema.STRING_SCHEMA, "step"));
    }

    @Override
    public void stop() {
        if (signs != null) {
            signs.waitWhile("hang-task-stop");
        }
    }

    @Override
    public String version() {
        return Signs.version();
    }
}
