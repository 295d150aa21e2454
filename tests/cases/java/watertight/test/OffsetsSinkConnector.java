package watertight.test;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;

/** Twin of the test component's class of this name. */
public class OffsetsSinkConnector extends SinkConnector {
    private Map<String, String> config;

    @Override
    public void start(Map<String, String> props) {
        config = props;
    }

    @Override
    public Class<? extends Task> taskClass() {
        return OffsetsSinkTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return Collections.nCopies(maxTasks, config);
    }

    @Override
    public void stop() {
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef();
    }

    @Override
    public String version() {
        return "1";
    }

    @Override
    public boolean alterOffsets(Map<String, String> props, Map<org.apache.kafka.common.TopicPartition, Long> offsets) {
        TreeMap<String, String> said = new TreeMap<>();
        offsets.forEach((partition, offset) -> said.put(partition.toString(), String.valueOf(offset)));
        return Hook.answer(props, said.toString());
    }
}
