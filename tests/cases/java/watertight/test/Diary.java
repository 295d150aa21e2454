package watertight.test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;

/** What a task did: twin of the test component's. */
final class Diary {
    private final Path dir;
    private final Path file;
    private final int incarnation;

    private Diary(Path dir, Path file, int incarnation) {
        this.dir = dir;
        this.file = file;
        this.incarnation = incarnation;
    }

    static Diary open(Map<String, String> config) {
        String dir = config.getOrDefault("dir", "");
        if (dir.isEmpty()) {
            return null;
        }
        for (int number = 0; ; number++) {
            Path file = Path.of(dir, config.get("name") + "-" + config.get("id") + "." + number);
            try {
                Files.createFile(file);
                Diary diary = new Diary(Path.of(dir), file, number);
                diary.write("start " + System.currentTimeMillis());
                return diary;
            } catch (FileAlreadyExistsException taken) {
                continue;
            } catch (IOException error) {
                throw new ConnectException(error);
            }
        }
    }

    int incarnation() {
        return incarnation;
    }

    synchronized void write(String lines) {
        try {
            Files.write(file, (lines + "\n").getBytes(StandardCharsets.UTF_8), StandardOpenOption.APPEND);
        } catch (IOException error) {
            throw new ConnectException(error);
        }
    }

    void stop() {
        while (Files.exists(dir.resolve("hang-task-stop"))) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException ignored) {
                // As a component would: it does not know of such things.
            }
        }
        write("stop " + System.currentTimeMillis());
    }
}
