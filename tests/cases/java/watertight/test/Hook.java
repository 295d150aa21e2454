package watertight.test;

import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.errors.ConnectException;

/** What both connectors do when they are asked to alter offsets: what their settings say. */
final class Hook {
    static final String SETTING = "alter.offsets";

    private Hook() {
    }

    /** {@code offsets} as text: see {@link #tell}. */
    static boolean answer(Map<String, String> config, String offsets) {
        String wish = config.getOrDefault(SETTING, "false");
        switch (wish) {
            case "true":
                return true;
            case "tell":
                throw new ConnectException("told " + offsets);
            case "refuse":
                throw new ConnectException("These offsets are not to my liking");
            case "unsupported":
                throw new UnsupportedOperationException("I keep no offsets");
            case "trap":
                throw new IllegalStateException("broken");
            case "hang":
                sleep(Long.parseLong(config.getOrDefault("alter.offsets.ms", "600000")));
                return true;
            default:
                return false;
        }
    }

    static void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Names in order, and of each value its Java class and its text. */
    static String tell(Map<?, ?> map) {
        if (map == null) {
            return "null";
        }
        TreeMap<String, String> said = new TreeMap<>();
        map.forEach((key, value) -> said.put(String.valueOf(key), value == null ? "null"
                : value.getClass().getSimpleName() + ":" + value));
        return said.toString();
    }
}
