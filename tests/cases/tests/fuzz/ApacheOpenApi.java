import io.swagger.v3.core.util.Json;
import io.swagger.v3.jaxrs2.Reader;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import java.io.File;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.jar.JarFile;

/**
 * Prints the OpenAPI document of the Kafka Connect on the class path, read from its resources' annotations as Kafka's own
 * build does it for its documentation.
 */
public final class ApacheOpenApi {
    private static final String RESOURCES = "org/apache/kafka/connect/runtime/rest/resources/";

    public static void main(String[] arguments) throws Exception {
        Set<Class<?>> resources = new LinkedHashSet<>();
        Class<?> known = Class.forName("org.apache.kafka.connect.runtime.rest.resources.RootResource");
        URI jar = known.getProtectionDomain().getCodeSource().getLocation().toURI();
        try (JarFile file = new JarFile(new File(jar))) {
            for (String entry : (Iterable<String>) file.stream().map(Object::toString).sorted()::iterator) {
                if (entry.startsWith(RESOURCES) && entry.endsWith(".class") && !entry.contains("$")) {
                    resources.add(Class.forName(entry.replace('/', '.').replaceAll("\\.class$", "")));
                }
            }
        }
        OpenAPI document = new Reader(new OpenAPI()).read(resources);
        document.info(new Info().title("Kafka Connect REST API").version("4"));
        System.out.println(Json.pretty(document));
    }
}
