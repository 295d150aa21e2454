package watertight.hostile;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.SourceConnector;

/** The twin of the hostile source for the genuine worker, as far as both can be compared: it sleeps in one call. */
public class HostileSourceConnector extends SourceConnector {
    private Map<String, String> config;

    static void strike(Map<String, String> config, String call) {
        if (!"sleep-for-ever".equals(config.get("attack")) || !call.equals(config.get("during"))) {
            return;
        }
        while (true) {
            try {
                Thread.sleep(3_600_000);
            } catch (InterruptedException ignored) {
                // It sleeps for ever.
            }
        }
    }

    @Override
    public String version() {
        return "1.0.0";
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef()
                .define("attack", ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "What to do")
                .define("during", ConfigDef.Type.STRING, null, ConfigDef.Importance.LOW, "In which call");
    }

    @Override
    public Config validate(Map<String, String> given) {
        strike(given, "validate");
        return super.validate(given);
    }

    @Override
    public void start(Map<String, String> given) {
        config = given;
        strike(config, "connector-start");
    }

    @Override
    public Class<? extends Task> taskClass() {
        return HostileSourceTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        strike(config, "task-configs");
        return List.of(config);
    }

    @Override
    public void stop() {
        strike(config, "connector-stop");
    }
}
