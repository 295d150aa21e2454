package watertight.test;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Files that say what a ladder is to do. */
final class Signs {
    private final Path dir;

    Signs(Map<String, String> config) {
        dir = Path.of(config.getOrDefault("dir", ""));
    }

    /** Written beside the classes by whoever wants another version of them. */
    static String version() {
        try (InputStream file = Signs.class.getResourceAsStream("/ladder-version")) {
            return file == null ? "1.0.0-ladder" : new String(file.readAllBytes(), StandardCharsets.UTF_8).trim();
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }

    void waitWhile(String hang) {
        while (Files.exists(dir.resolve(hang))) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException ignored) {
                // As a component would: it does not know of such things.
            }
        }
    }

    void heed(String fail) {
        if (Files.exists(dir.resolve(fail))) {
            throw new RuntimeException("there is a file " + fail);
        }
    }

    boolean take(String sign) {
        return dir.resolve(sign).toFile().delete();
    }

    int number(String sign, int otherwise) {
        try {
            return Integer.parseInt(Files.readString(dir.resolve(sign)).trim());
        } catch (IOException none) {
            return otherwise;
        }
    }
}
