package watertight.test;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;

/** Twin of the test component's class of this name. */
public class SequenceSourceConnector extends SourceConnector {
    private Map<String, String> config;

    @Override
    public void start(Map<String, String> props) {
        config = props;
    }

    @Override
    public Class<? extends Task> taskClass() {
        return SequenceSourceTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return Numbered.configs(config, maxTasks);
    }

    @Override
    public void stop() {
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef()
                .define("topic", ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "Where the numbers go")
                .define("rate", ConfigDef.Type.DOUBLE, 1000, ConfigDef.Importance.MEDIUM, "Records per second and task")
                .define("count", ConfigDef.Type.LONG, -1, ConfigDef.Importance.MEDIUM, "How many numbers per task")
                .define("size", ConfigDef.Type.INT, 0, ConfigDef.Importance.MEDIUM, "Values are padded to so many bytes")
                .define("dir", ConfigDef.Type.STRING, "", ConfigDef.Importance.MEDIUM, "Where tasks write down what they do");
    }

    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> props) {
        return ExactlyOnceSupport.SUPPORTED;
    }

    @Override
    public String version() {
        return "1";
    }
}
