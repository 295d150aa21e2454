import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TimeZone;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

/**
 * Asks the genuine transforms and predicates: reads transforms.cases, writes transforms.txt (see tests/transforms.rs
 * for the format). Run on JDK 17 with org.apache.kafka:connect-transforms, connect-json and connect-runtime on the
 * class path: java -cp 'lib/*' Transforms.java transforms.cases transforms.txt
 */
public class Transforms {
    static final Map<String, String> SCHEMAS = new HashMap<>();
    static final Map<String, Schema> NAMED = new HashMap<>();
    static final JsonConverter PLAIN = converter("false");
    static final JsonConverter ENVELOPE = converter("true");

    static JsonConverter converter(String schemas) {
        JsonConverter made = new JsonConverter();
        made.configure(Map.of("schemas.enable", schemas, "replace.null.with.default", "false"), false);
        return made;
    }

    static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < 0x20 || c == 0x7f) out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        return out.append('"').toString();
    }

    static String schema(Schema s) {
        if (s == null) return "none";
        StringBuilder out = new StringBuilder(s.type().toString());
        if (s.isOptional()) out.append('?');
        if (s.name() != null) out.append(" name=").append(s.name());
        if (s.version() != null) out.append(" version=").append(s.version());
        if (s.doc() != null) out.append(" doc=").append(quote(s.doc()));
        if (s.parameters() != null) out.append(" parameters=").append(s.parameters());
        if (s.defaultValue() != null) out.append(" default=").append(value(s.defaultValue()));
        switch (s.type()) {
            case ARRAY -> out.append('<').append(schema(s.valueSchema())).append('>');
            case MAP -> out.append('<').append(schema(s.keySchema())).append(", ").append(schema(s.valueSchema())).append('>');
            case STRUCT -> out.append(s.fields().stream().map(f -> f.name() + ": " + schema(f.schema())).collect(Collectors.joining(", ", "<", ">")));
            default -> { }
        }
        return out.toString();
    }

    static String value(Object v) {
        if (v == null) return "null";
        if (v instanceof Byte) return v + "i8";
        if (v instanceof Short) return v + "i16";
        if (v instanceof Integer) return v + "i32";
        if (v instanceof Long) return v + "i64";
        if (v instanceof Float) return v + "f32";
        if (v instanceof Double) return v + "f64";
        if (v instanceof String) return quote((String) v);
        if (v instanceof byte[]) return "hex:" + HexFormat.of().formatHex((byte[]) v);
        if (v instanceof BigDecimal) return v + "/" + ((BigDecimal) v).scale() + "dec";
        if (v instanceof java.util.Date) return ((java.util.Date) v).getTime() + "date";
        if (v instanceof List) return ((List<?>) v).stream().map(Transforms::value).collect(Collectors.joining(", ", "[", "]"));
        if (v instanceof Map) return ((Map<?, ?>) v).entrySet().stream().map(e -> value(e.getKey()) + ": " + value(e.getValue())).collect(Collectors.joining(", ", "{", "}"));
        if (v instanceof Struct) return ((Struct) v).schema().fields().stream().map(f -> value(((Struct) v).getWithoutDefault(f.name()))).collect(Collectors.joining(", ", "(", ")"));
        return v.toString();
    }

    /** One line; a byte array prints as its identity, which is another one every time. */
    static String line(String text) {
        return text.replaceAll("\\[B@[0-9a-f]+", "[B@").replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    }

    static String unline(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char next = text.charAt(++i);
            out.append(next == 'n' ? '\n' : next);
        }
        return out.toString();
    }

    static String failure(Throwable e) {
        return "! " + e.getClass().getName() + ": " + (e.getMessage() == null ? "null" : line(e.getMessage())) + "\n";
    }

    static SchemaAndValue envelope(String schema, String payload) {
        return ENVELOPE.toConnectData("t", ("{\"schema\":" + schema + ",\"payload\":" + payload + "}").getBytes(StandardCharsets.UTF_8));
    }

    /** A named schema: JsonConverter's JSON, a struct of named ones, or one with a default, which no JSON can say. */
    static Schema named(String name) {
        // one object each: a default is a struct whose schema is still a builder, which equals only itself
        if (!NAMED.containsKey(name)) NAMED.put(name, define(SCHEMAS.get(name)));
        return NAMED.get(name);
    }

    static Schema define(String definition) {
        if (definition.startsWith("=default ")) {
            String[] parts = definition.split(" ", 3);
            Schema base = named(parts[1]);
            SchemaBuilder made = SchemaBuilder.struct().name(base.name()).version(base.version()).doc(base.doc());
            if (base.parameters() != null) made.parameters(base.parameters());
            if (base.isOptional()) made.optional();
            for (Field field : base.fields()) made.field(field.name(), field.schema());
            made.defaultValue(copy((Struct) read(parts[1], parts[2]), made));
            return made.build();
        }
        if (definition.startsWith("=struct ")) {
            SchemaBuilder made = SchemaBuilder.struct();
            for (String field : definition.substring(8).split(" ")) made.field(field.split(":")[0], named(field.split(":")[1]));
            return made.build();
        }
        return envelope("{\"type\":\"array\",\"optional\":true,\"items\":" + definition + "}", "null").schema().valueSchema();
    }

    static Struct copy(Struct from, Schema schema) {
        Struct to = new Struct(schema);
        for (Field field : schema.fields()) to.put(field.name(), from.getWithoutDefault(field.name()));
        return to;
    }

    static Object read(String name, String payload) {
        if (payload.equals("null")) return null;
        String definition = SCHEMAS.get(name);
        if (definition.startsWith("=default ")) {
            return copy((Struct) read(definition.split(" ", 3)[1], payload), named(name));
        }
        if (definition.startsWith("=struct ")) {
            Struct made = new Struct(named(name));
            String[] payloads = payload.split(" ; ");
            int at = 0;
            for (Field field : made.schema().fields()) {
                Object value = read(definition.substring(8).split(" ")[at].split(":")[1], payloads[at++]);
                if (value != null) made.put(field, value);
            }
            return made;
        }
        return envelope(definition, payload).value();
    }

    /** lower case: schemaless JSON; upper case: a named schema and a payload; x, y: the same, the schema then taken off. */
    static SchemaAndValue datum(char kind, String text) {
        if (kind == 'v' || kind == 'k') return PLAIN.toConnectData("t", text.getBytes(StandardCharsets.UTF_8));
        String[] parts = text.split(" ", 2);
        Schema schema = kind == 'x' || kind == 'y' ? null : named(parts[0]);
        return new SchemaAndValue(schema, read(parts[0], parts[1]));
    }

    static ConnectRecord<?> record(List<String> lines) {
        String topic = "t";
        Integer partition = null;
        Long timestamp = null, offset = null;
        SchemaAndValue key = SchemaAndValue.NULL, value = SchemaAndValue.NULL;
        ConnectHeaders headers = new ConnectHeaders();
        for (String text : lines) {
            char kind = text.charAt(0);
            String rest = text.substring(2);
            switch (kind) {
                case 'n' -> topic = rest;
                case 'p' -> partition = Integer.valueOf(rest);
                case 't' -> timestamp = Long.valueOf(rest);
                case 'o' -> offset = Long.valueOf(rest);
                case 'k', 'K', 'y' -> key = datum(kind, rest);
                case 'v', 'V', 'x' -> value = datum(kind, rest);
                case 'H' -> {
                    String[] parts = rest.split(" ", 2);
                    headers.add(parts[0], datum('V', parts[1]));
                }
                default -> throw new IllegalArgumentException(text);
            }
        }
        if (offset == null) {
            return new SourceRecord(Map.of(), Map.of(), topic, partition, key.schema(), key.value(), value.schema(), value.value(), timestamp, headers);
        }
        return new SinkRecord(topic, partition == null ? 0 : partition, key.schema(), key.value(), value.schema(), value.value(), offset, timestamp, TimestampType.CREATE_TIME, headers);
    }

    static String shown(ConnectRecord<?> record) {
        StringBuilder out = new StringBuilder("> " + record.topic() + " " + record.kafkaPartition() + " " + record.timestamp() + "\n");
        if (record.keySchema() != null || record.key() != null) {
            out.append("> key ").append(line(schema(record.keySchema()))).append("\n> = ").append(line(value(record.key()))).append('\n');
        }
        out.append("> value ").append(line(schema(record.valueSchema()))).append("\n> = ").append(line(value(record.value()))).append('\n');
        for (Header header : record.headers()) {
            out.append("> header ").append(header.key()).append(' ').append(line(schema(header.schema()))).append("\n> = ").append(line(value(header.value()))).append('\n');
        }
        return out.toString();
    }

    /** Whatever the class in question does to a record. */
    interface Subject {
        String ask(ConnectRecord<?> record);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static Subject subject(String name, Map<String, String> settings) throws Exception {
        Object made = Class.forName("org.apache.kafka.connect.transforms." + name).getDeclaredConstructor().newInstance();
        if (made instanceof Predicate predicate) {
            predicate.configure(settings);
            return record -> "> " + predicate.test(record) + "\n";
        }
        Transformation transformation = (Transformation) made;
        transformation.configure(settings);
        return record -> {
            ConnectRecord<?> result = transformation.apply((ConnectRecord) record);
            return result == null ? "> dropped\n" : shown(result);
        };
    }

    /** What validating says, which goes on where configuring stops. */
    static String validated(String name, Map<String, String> settings) throws Exception {
        StringBuilder out = new StringBuilder();
        for (ConfigValue value : definition(name).validate(settings)) {
            for (String error : value.errorMessages()) out.append("? ").append(line(error)).append('\n');
        }
        return out.toString();
    }

    static ConfigDef definition(String name) throws Exception {
        Object made = Class.forName("org.apache.kafka.connect.transforms." + name).getDeclaredConstructor().newInstance();
        return made instanceof Predicate predicate ? predicate.config() : ((Transformation<?>) made).config();
    }

    /** Every class that ships, and its keys in their order. */
    static String catalogue() throws Exception {
        List<String> names = new ArrayList<>();
        for (Transformation<?> one : ServiceLoader.load(Transformation.class)) names.add(one.getClass().getName());
        for (Predicate<?> one : ServiceLoader.load(Predicate.class)) names.add(one.getClass().getName());
        StringBuilder out = new StringBuilder();
        for (String name : names) {
            out.append("% ").append(name).append('\n');
            for (ConfigDef.ConfigKey key : definition(name.substring("org.apache.kafka.connect.transforms.".length())).configKeys().values()) {
                String value = !key.hasDefault() ? "required" : key.defaultValue == null ? "null" : "'" + ConfigDef.convertToString(key.defaultValue, key.type) + "'";
                out.append("%% ").append(key.name).append(' ').append(key.type).append(' ').append(value).append(' ').append(key.importance).append('\n');
            }
        }
        return out.toString();
    }

    public static void main(String[] args) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        Locale.setDefault(Locale.US);
        StringBuilder out = new StringBuilder(catalogue());
        List<String> lines = Files.readAllLines(Paths.get(args[0]));
        String name = "";
        Map<String, String> settings = new HashMap<>();
        Subject subject = null;
        for (int at = 0; at < lines.size(); at++) {
            String text = lines.get(at);
            if (text.startsWith("#") || text.isEmpty()) continue;
            out.append(text).append('\n');
            if (text.startsWith("$")) {
                String[] parts = text.substring(1).split(" ", 2);
                SCHEMAS.put(parts[0], parts[1]);
                continue;
            }
            if (text.startsWith("@")) {
                name = text.substring(1);
                settings.clear();
                while (at + 1 < lines.size() && lines.get(at + 1).startsWith(". ")) {
                    String setting = lines.get(++at);
                    out.append(setting).append('\n');
                    String[] pair = setting.substring(2).split("=", 2);
                    settings.put(pair[0], unline(pair[1]));
                }
                try {
                    subject = subject(name, settings);
                } catch (RuntimeException e) {
                    subject = null;
                    out.append(failure(e));
                }
                try {
                    out.append(validated(name, settings));
                } catch (RuntimeException e) {
                    out.append("? ").append(line(e.getMessage())).append('\n');
                }
                continue;
            }
            if (!text.equals("<")) throw new IllegalArgumentException(text);
            List<String> record = new ArrayList<>();
            while (at + 1 < lines.size() && !lines.get(at + 1).isEmpty() && "<@#$".indexOf(lines.get(at + 1).charAt(0)) < 0) {
                record.add(lines.get(++at));
                out.append(lines.get(at)).append('\n');
            }
            ConnectRecord<?> asked;
            try {
                asked = record(record);
            } catch (RuntimeException e) {
                throw new IllegalArgumentException(record.toString(), e);
            }
            try {
                out.append(subject == null ? "! not made\n" : subject.ask(asked));
            } catch (RuntimeException e) {
                out.append(failure(e));
            }
        }
        Files.writeString(Paths.get(args[1]), out);
    }
}
