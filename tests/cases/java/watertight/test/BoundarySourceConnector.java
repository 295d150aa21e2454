package watertight.test;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;

/** Twin of the test component's class of this name. */
public class BoundarySourceConnector extends SourceConnector {
    private Map<String, String> config;

    @Override
    public void start(Map<String, String> props) {
        config = props;
    }

    @Override
    public Class<? extends Task> taskClass() {
        return BoundarySourceTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return List.of(config);
    }

    @Override
    public void stop() {
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef()
                .define("topic", ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "Where the numbers go")
                .define("batch", ConfigDef.Type.INT, 10, ConfigDef.Importance.MEDIUM, "How many numbers each poll brings")
                .define("pause.ms", ConfigDef.Type.LONG, 20, ConfigDef.Importance.MEDIUM, "Between two polls")
                .define("count", ConfigDef.Type.LONG, -1, ConfigDef.Importance.MEDIUM, "How many numbers")
                .define("commit.every", ConfigDef.Type.LONG, 0, ConfigDef.Importance.MEDIUM, "Numbers of a transaction")
                .define("abort.every", ConfigDef.Type.LONG, 0, ConfigDef.Importance.MEDIUM, "Which of them are aborted")
                .define("fail.at", ConfigDef.Type.LONG, -1, ConfigDef.Importance.MEDIUM, "Where the task fails")
                .define("support", ConfigDef.Type.STRING, "supported", ConfigDef.Importance.MEDIUM, "What it says")
                .define("boundaries", ConfigDef.Type.STRING, "supported", ConfigDef.Importance.MEDIUM, "What it says");
    }

    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> props) {
        switch (props.getOrDefault("support", "supported")) {
            case "supported":
                return ExactlyOnceSupport.SUPPORTED;
            case "unsupported":
                return ExactlyOnceSupport.UNSUPPORTED;
            case "unknown":
                return null;
            default:
                throw new ConnectException("it fails, as it was told to");
        }
    }

    @Override
    public ConnectorTransactionBoundaries canDefineTransactionBoundaries(Map<String, String> props) {
        switch (props.getOrDefault("boundaries", "supported")) {
            case "supported":
                return ConnectorTransactionBoundaries.SUPPORTED;
            case "unsupported":
                return ConnectorTransactionBoundaries.UNSUPPORTED;
            default:
                throw new ConnectException("it fails, as it was told to");
        }
    }

    @Override
    public String version() {
        return "1";
    }
}
