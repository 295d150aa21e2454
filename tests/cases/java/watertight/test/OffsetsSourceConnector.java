package watertight.test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.SourceConnector;

/** Twin of the test component's class of this name. */
public class OffsetsSourceConnector extends SourceConnector {
    private Map<String, String> config;

    @Override
    public void start(Map<String, String> props) {
        config = props;
    }

    @Override
    public Class<? extends Task> taskClass() {
        return OffsetsSourceTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        List<Map<String, String>> configs = new ArrayList<>();
        for (int id = 0; id < maxTasks; id++) {
            Map<String, String> one = new TreeMap<>(config);
            one.put("id", String.valueOf(id));
            configs.add(one);
        }
        return configs;
    }

    @Override
    public void stop() {
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef()
                .define("topic", ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "Where the numbers go")
                .define("count", ConfigDef.Type.LONG, 10, ConfigDef.Importance.HIGH, "How many for each task");
    }

    @Override
    public String version() {
        return "1";
    }

    @Override
    public boolean alterOffsets(Map<String, String> props, Map<Map<String, ?>, Map<String, ?>> offsets) {
        TreeMap<String, String> said = new TreeMap<>();
        offsets.forEach((partition, offset) -> said.put(Hook.tell(partition), Hook.tell(offset)));
        return Hook.answer(props, said.toString());
    }
}
