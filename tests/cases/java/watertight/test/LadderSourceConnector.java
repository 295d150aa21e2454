package watertight.test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.SourceConnector;

/** Twin of the test component's class of this name. */
public class LadderSourceConnector extends SourceConnector {
    private Map<String, String> config;
    private Thread checks;

    @Override
    public void start(Map<String, String> props) {
        config = props;
        Signs signs = new Signs(props);
        signs.waitWhile("hang-start");
        signs.heed("fail-start");
        checks = new Thread(() -> {
            try {
                while (true) {
                    Thread.sleep(50);
                    if (signs.take("raise")) {
                        context.raiseError(new RuntimeException("there was a file raise"));
                    }
                    if (signs.take("reconfigure")) {
                        context.requestTaskReconfiguration();
                    }
                }
            } catch (InterruptedException end) {
                return;
            }
        });
        checks.setDaemon(true);
        checks.start();
    }

    @Override
    public Class<? extends Task> taskClass() {
        return LadderSourceTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        Signs signs = new Signs(config);
        signs.waitWhile("hang-configs");
        signs.heed("fail-configs");
        int count = signs.number("count", maxTasks);
        List<Map<String, String>> configs = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            Map<String, String> one = new TreeMap<>(config);
            one.put("id", String.valueOf(id));
            configs.add(one);
        }
        return configs;
    }

    @Override
    public void stop() {
        if (checks != null) {
            checks.interrupt();
            checks = null;
        }
        if (config != null) {
            new Signs(config).waitWhile("hang-stop");
        }
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef()
                .define("dir", ConfigDef.Type.STRING, null, ConfigDef.Importance.HIGH, "Where the files are")
                .define("topic", ConfigDef.Type.STRING, "", ConfigDef.Importance.MEDIUM, "Where a record goes every 100 ms");
    }

    @Override
    public String version() {
        return Signs.version();
    }
}
