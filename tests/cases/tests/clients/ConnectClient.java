import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.sourcelab.kafka.connect.apiclient.Configuration;
import org.sourcelab.kafka.connect.apiclient.KafkaConnectClient;
import org.sourcelab.kafka.connect.apiclient.request.dto.ConnectorPluginConfigDefinition;
import org.sourcelab.kafka.connect.apiclient.request.dto.NewConnectorDefinition;
import org.sourcelab.kafka.connect.apiclient.request.post.PostConnectorRestart;
import org.sourcelab.kafka.connect.apiclient.rest.exceptions.ResourceNotFoundException;

/**
 * Drives the whole of SourceLab's Java client against a worker.
 *
 * <p>Usage: ConnectClient URL FILE. Ends with an error at the first answer that is not what the client promises, and if
 * one of its methods was not called.
 */
public final class ConnectClient {
    private static final String NAME = "java-source";
    private static final Set<String> CALLED = new TreeSet<>();

    private static void check(boolean right, String what) {
        if (!right) {
            throw new AssertionError(what);
        }
    }

    /** Asks until the answer is right. */
    private static <T> T soon(Supplier<T> ask, Predicate<T> right) throws InterruptedException {
        T seen = ask.get();
        for (int i = 0; i < 300 && !right.test(seen); i++) {
            Thread.sleep(100);
            seen = ask.get();
        }
        check(right.test(seen), "at last it was " + seen);
        return seen;
    }

    private static KafkaConnectClient called(KafkaConnectClient client, String... methods) {
        CALLED.addAll(List.of(methods));
        return client;
    }

    private static void soonIs(KafkaConnectClient client, String state) throws InterruptedException {
        soon(() -> called(client, "getConnectorStatus").getConnectorStatus(NAME),
            now -> state.equals(now.getConnector().get("state")) && now.getTasks().size() == 1
                && state.equals(now.getTasks().get(0).getState()));
    }

    public static void main(String[] arguments) throws Exception {
        String file = arguments[1];
        KafkaConnectClient client = new KafkaConnectClient(new Configuration(arguments[0]).useRequestTimeoutInSeconds(60));
        Map<String, String> config = new HashMap<>(Map.of("connector.class", "FileStreamSource", "tasks.max", "1",
            "file", file, "topic", "java-lines"));

        check(!called(client, "getConnectServerVersion").getConnectServerVersion().getKafkaClusterId().isEmpty(), "no cluster");
        check(!called(client, "getConnectors").getConnectors().contains(NAME), "there before");
        check(called(client, "getConnectorPlugins").getConnectorPlugins().stream()
            .anyMatch(plugin -> plugin.getClassName().endsWith("FileStreamSourceConnector")), "no file source");
        ConnectorPluginConfigDefinition question = ConnectorPluginConfigDefinition.newBuilder().withName("FileStreamSource")
            .withConfig(config).withConfig("name", NAME).withConfig("tasks.max", "0").build();
        var validation = called(client, "validateConnectorPluginConfig").validateConnectorPluginConfig(question);
        check(validation.getErrorCount() == 1, "errors: " + validation.getErrorCount());
        check(validation.getConfigs().stream().anyMatch(c -> c.getDefinition().getName().equals("file")
            && c.getDefinition().getType().equals("STRING") && c.getValue().getValue().equals(file)), "no file in the answer");

        var made = called(client, "addConnector").addConnector(
            NewConnectorDefinition.newBuilder().withName(NAME).withConfig(config).build());
        check(made.getName().equals(NAME) && made.getType().equals("source"), made.toString());
        soonIs(client, "RUNNING");
        check(called(client, "getConnector").getConnector(NAME).getTasks().get(0).getTask() == 0, "no task");
        check(called(client, "getConnectorConfig").getConnectorConfig(NAME).get("file").equals(file), "another file");
        check(called(client, "getConnectorsWithExpandedStatus").getConnectorsWithExpandedStatus()
            .getStatusForConnector(NAME).getName().equals(NAME), "no status");
        check(called(client, "getConnectorsWithExpandedInfo").getConnectorsWithExpandedInfo()
            .getDefinitionForConnector(NAME).getConfig().get("topic").equals("java-lines"), "no info");
        check(called(client, "getConnectorsWithAllExpandedMetadata").getConnectorsWithAllExpandedMetadata()
            .getConnectorNames().contains(NAME), "not in the list");
        check(called(client, "getConnectorTasks").getConnectorTasks(NAME).iterator().next().getId().getTask() == 0, "no task");
        check(called(client, "getConnectorTaskStatus").getConnectorTaskStatus(NAME, 0).getState().equals("RUNNING"), "no run");
        soon(() -> called(client, "getConnectorTopics").getConnectorTopics(NAME).getTopics(),
            topics -> topics.equals(List.of("java-lines")));

        check(called(client, "pauseConnector").pauseConnector(NAME), "not paused");
        soonIs(client, "PAUSED");
        check(called(client, "resetConnectorTopics").resetConnectorTopics(NAME), "not reset");
        check(client.getConnectorTopics(NAME).getTopics().isEmpty(), "still in use");
        check(called(client, "resumeConnector").resumeConnector(NAME), "not resumed");
        soonIs(client, "RUNNING");
        check(called(client, "restartConnector").restartConnector(NAME), "not restarted");
        check(client.restartConnector(new PostConnectorRestart(NAME).withIncludeTasks(true).withOnlyFailed(false)),
            "not restarted with its tasks");
        soonIs(client, "RUNNING");
        check(called(client, "restartConnectorTask").restartConnectorTask(NAME, 0), "task not restarted");
        soonIs(client, "RUNNING");
        config.put("batch.size", "10");
        check(called(client, "updateConnectorConfig").updateConnectorConfig(NAME, config).getConfig().get("batch.size")
            .equals("10"), "not updated");
        check(called(client, "deleteConnector").deleteConnector(NAME), "not deleted");
        try {
            client.getConnector(NAME);
            throw new AssertionError("there after it was deleted");
        } catch (ResourceNotFoundException error) {
            System.out.println("in its own words: " + error.getMessage());
        }
        for (Method method : KafkaConnectClient.class.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic()) {
                check(CALLED.contains(method.getName()), method.getName() + " was not called");
            }
        }
        System.out.println(CALLED.size() + " methods");
    }
}
