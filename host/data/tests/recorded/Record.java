import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.storage.StringConverter;

/**
 * Asks the genuine converters: reads converters.cases, writes converters.txt (see tests/recorded.rs for the format).
 * Run with org.apache.kafka:connect-json and connect-runtime on the class path:
 * java -cp 'lib/*' Record.java converters.cases converters.txt
 */
public class Record {
    static final String[] OUT = {
        "Json schemas.enable=true",
        "Json schemas.enable=false",
        "Json schemas.enable=false decimal.format=numeric replace.null.with.default=false",
        "String",
        "Simple",
    };

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
        if (v instanceof List) return ((List<?>) v).stream().map(Record::value).collect(Collectors.joining(", ", "[", "]"));
        if (v instanceof Map) return ((Map<?, ?>) v).entrySet().stream().map(e -> value(e.getKey()) + ": " + value(e.getValue())).collect(Collectors.joining(", ", "{", "}"));
        if (v instanceof Struct) return ((Struct) v).schema().fields().stream().map(f -> value(((Struct) v).getWithoutDefault(f.name()))).collect(Collectors.joining(", ", "(", ")"));
        return v.toString();
    }

    static String line(String text) {
        return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    }

    /** Either kind of converter. */
    interface Both {
        SchemaAndValue read(byte[] bytes);
        byte[] write(Schema schema, Object value);
    }

    static Both converter(String spec) throws Exception {
        String[] parts = spec.split(" +");
        Map<String, String> settings = new HashMap<>(Map.of("converter.type", "value"));
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        if (parts[0].equals("Simple")) {
            SimpleHeaderConverter made = new SimpleHeaderConverter();
            made.configure(Map.of());
            return new Both() {
                public SchemaAndValue read(byte[] bytes) {
                    SchemaAndValue read = made.toConnectHeader("t", "h", bytes);
                    return read == null ? SchemaAndValue.NULL : read;
                }
                public byte[] write(Schema schema, Object value) {
                    return made.fromConnectHeader("t", "h", schema, value);
                }
            };
        }
        Converter made = switch (parts[0]) {
            case "Json" -> new JsonConverter();
            case "String" -> new StringConverter();
            default -> (Converter) Class.forName("org.apache.kafka.connect.converters." + parts[0] + "Converter").getDeclaredConstructor().newInstance();
        };
        made.configure(settings, false);
        return new Both() {
            public SchemaAndValue read(byte[] bytes) {
                return made.toConnectData("t", bytes);
            }
            public byte[] write(Schema schema, Object value) {
                return made.fromConnectData("t", schema, value);
            }
        };
    }

    static String failure(RuntimeException e) {
        if (e instanceof DataException || e.getClass().getSimpleName().equals("SchemaBuilderException")) return "! " + line(e.getMessage());
        return "! (" + e.getClass().getSimpleName() + ")";
    }

    public static void main(String[] args) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        StringBuilder out = new StringBuilder();
        String spec = "";
        for (String text : Files.readAllLines(Paths.get(args[0]))) {
            if (text.startsWith("#") || text.isEmpty()) continue;
            if (text.startsWith("@")) {
                spec = text.substring(1);
                out.append(text).append('\n');
                continue;
            }
            byte[] bytes = text.startsWith("hex:") ? HexFormat.of().parseHex(text.substring(4)) : text.getBytes(StandardCharsets.UTF_8);
            out.append("< ").append(text).append('\n');
            try {
                SchemaAndValue read = converter(spec).read(bytes);
                out.append("S ").append(line(schema(read.schema()))).append('\n');
                out.append("V ").append(line(value(read.value()))).append('\n');
                for (String other : OUT) {
                    try {
                        byte[] written = converter(other).write(read.schema(), read.value());
                        out.append(written == null ? "> (null)" : "> " + line(new String(written, StandardCharsets.UTF_8)));
                    } catch (RuntimeException e) {
                        out.append(failure(e));
                    }
                    out.append('\n');
                }
            } catch (RuntimeException e) {
                out.append(failure(e)).append('\n');
            }
        }
        Files.writeString(Paths.get(args[1]), out);
    }
}
