package watertight.hostile;

import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** Of {@link HostileSourceConnector}. */
public class HostileSourceTask extends SourceTask {
    private Map<String, String> config;

    @Override
    public String version() {
        return "1.0.0";
    }

    @Override
    public void start(Map<String, String> given) {
        config = given;
        HostileSourceConnector.strike(config, "start");
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
        HostileSourceConnector.strike(config, "poll");
        Thread.sleep(20);
        return null;
    }

    @Override
    public void stop() {
        HostileSourceConnector.strike(config, "stop");
    }
}
