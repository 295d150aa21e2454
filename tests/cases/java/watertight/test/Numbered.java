package watertight.test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One copy of the settings for each task, with its number. */
final class Numbered {
    private Numbered() {
    }

    static List<Map<String, String>> configs(Map<String, String> config, int count) {
        List<Map<String, String>> configs = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            Map<String, String> one = new TreeMap<>(config);
            one.put("id", String.valueOf(id));
            configs.add(one);
        }
        return configs;
    }
}
