import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.data.ConnectSchema;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaProjector;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Values;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.storage.StringConverter;

/**
 * Asks the genuine data model and converters: reads converters.cases, writes converters.txt (see tests/recorded.rs for
 * the format).
 * Run in this directory on JDK 17 with the jars of Kafka Connect (connect-json, connect-runtime and what they need):
 * java -cp 'LIBS/*' Record.java converters.cases converters.txt
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

    /** One line; a byte array prints as its identity, which is another one every time. */
    static String line(String text) {
        return text.replaceAll("\\[B@[0-9a-f]+", "[B@").replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
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

    /** What the context headers of a dead letter queue would hold: class and message, no cause. */
    static String failure(Throwable e) {
        return "! " + e.getClass().getName() + ": " + line(String.valueOf(e.getMessage()));
    }

    static String bytes(byte[] bytes) {
        if (bytes == null) return "(null)";
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            if (text.chars().noneMatch(c -> c < 0x20)) return text.isEmpty() || text.startsWith("hex:") ? "hex:" + HexFormat.of().formatHex(bytes) : line(text);
        } catch (CharacterCodingException e) {
            // not text
        }
        return "hex:" + HexFormat.of().formatHex(bytes);
    }

    /** A schema as JSON, or none. */
    static Schema parseSchema(String text) throws Exception {
        if (text.equals("none")) return null;
        JsonConverter json = new JsonConverter();
        json.configure(Map.of("converter.type", "value"));
        return json.asConnectSchema(new com.fasterxml.jackson.databind.ObjectMapper().readTree(text));
    }

    /** Reads what value() prints. A struct takes its schema from where it stands. */
    static class Reader {
        final String text;
        int at;

        Reader(String text) {
            this.text = text;
        }

        boolean eat(String wanted) {
            if (!text.startsWith(wanted, at)) return false;
            at += wanted.length();
            return true;
        }

        Object value(Schema schema) {
            Schema element = schema != null && (schema.type() == Schema.Type.ARRAY || schema.type() == Schema.Type.MAP) ? schema.valueSchema() : null;
            if (eat("[")) {
                List<Object> list = new ArrayList<>();
                while (!eat("]")) {
                    list.add(value(element));
                    eat(", ");
                }
                return list;
            }
            if (eat("{")) {
                Schema key = schema != null && schema.type() == Schema.Type.MAP ? schema.keySchema() : null;
                Map<Object, Object> map = new HashMap<>();
                while (!eat("}")) {
                    Object k = value(key);
                    eat(": ");
                    map.put(k, value(element));
                    eat(", ");
                }
                return map;
            }
            if (eat("(")) {
                Struct struct = new Struct(schema);
                for (Field field : schema.fields()) {
                    Object v = value(field.schema());
                    if (v != null || field.schema().defaultValue() == null) struct.put(field, v);
                    eat(", ");
                }
                eat(")");
                return struct;
            }
            if (eat("\"")) {
                StringBuilder out = new StringBuilder();
                while (!eat("\"")) {
                    char c = text.charAt(at++);
                    if (c == '\\') {
                        c = text.charAt(at++);
                        if (c == 'u') {
                            c = (char) Integer.parseInt(text.substring(at, at + 4), 16);
                            at += 4;
                        }
                    }
                    out.append(c);
                }
                return out.toString();
            }
            int end = at;
            while (end < text.length() && !",)]}:".contains(text.substring(end, end + 1)) || text.startsWith("hex:", end - 3)) end++;
            String word = text.substring(at, end);
            at = end;
            if (word.equals("null")) return null;
            if (word.equals("true") || word.equals("false")) return Boolean.valueOf(word);
            if (word.startsWith("hex:")) return HexFormat.of().parseHex(word.substring(4));
            if (word.endsWith("i8")) return Byte.valueOf(word.substring(0, word.length() - 2));
            if (word.endsWith("i16")) return Short.valueOf(word.substring(0, word.length() - 3));
            if (word.endsWith("i32")) return Integer.valueOf(word.substring(0, word.length() - 3));
            if (word.endsWith("i64")) return Long.valueOf(word.substring(0, word.length() - 3));
            if (word.endsWith("f32")) return Float.valueOf(word.substring(0, word.length() - 3));
            if (word.endsWith("f64")) return Double.valueOf(word.substring(0, word.length() - 3));
            if (word.endsWith("date")) return new java.util.Date(Long.parseLong(word.substring(0, word.length() - 4)));
            if (word.endsWith("dec")) return new BigDecimal(word.substring(0, word.indexOf('/')));
            throw new IllegalArgumentException("no value: " + text + " at " + at);
        }
    }

    interface Question {
        Object ask() throws Exception;
    }

    static final StringBuilder out = new StringBuilder();

    static void answer(String mark, Question question) {
        try {
            Object answer = question.ask();
            out.append(mark).append(answer).append('\n');
        } catch (Throwable e) {
            out.append(failure(e)).append('\n');
        }
    }

    static void read(String spec, String text) {
        byte[] bytes = text.startsWith("hex:") ? HexFormat.of().parseHex(text.substring(4)) : text.getBytes(StandardCharsets.UTF_8);
        SchemaAndValue read;
        try {
            read = converter(spec).read(bytes);
        } catch (Throwable e) {
            out.append(failure(e)).append('\n');
            return;
        }
        out.append("S ").append(line(schema(read.schema()))).append('\n');
        out.append("V ").append(line(value(read.value()))).append('\n');
        for (String other : OUT) {
            answer("> ", () -> {
                byte[] written = converter(other).write(read.schema(), read.value());
                return written == null ? "(null)" : line(new String(written, StandardCharsets.UTF_8));
            });
        }
    }

    static void write(String spec, Schema schema, Object value) throws Exception {
        Both converter = converter(spec);
        byte[] written;
        try {
            written = converter.write(schema, value);
        } catch (Throwable e) {
            out.append(failure(e)).append('\n');
            return;
        }
        out.append("> ").append(bytes(written)).append('\n');
        SchemaAndValue read;
        try {
            read = converter.read(written);
        } catch (Throwable e) {
            out.append(failure(e)).append('\n');
            return;
        }
        out.append("S ").append(line(schema(read.schema()))).append('\n');
        out.append("V ").append(line(value(read.value()))).append('\n');
    }

    static void convert(Schema schema, Object value) {
        answer("boolean ", () -> value(Values.convertToBoolean(schema, value)));
        answer("byte ", () -> value(Values.convertToByte(schema, value)));
        answer("short ", () -> value(Values.convertToShort(schema, value)));
        answer("integer ", () -> value(Values.convertToInteger(schema, value)));
        answer("long ", () -> value(Values.convertToLong(schema, value)));
        answer("float ", () -> value(Values.convertToFloat(schema, value)));
        answer("double ", () -> value(Values.convertToDouble(schema, value)));
        answer("string ", () -> line(value(Values.convertToString(schema, value))));
        answer("list ", () -> line(value(Values.convertToList(schema, value))));
        answer("map ", () -> line(value(Values.convertToMap(schema, value))));
        answer("struct ", () -> line(value(Values.convertToStruct(schema, value))));
        answer("date ", () -> value(Values.convertToDate(schema, value)));
        answer("time ", () -> value(Values.convertToTime(schema, value)));
        answer("timestamp ", () -> value(Values.convertToTimestamp(schema, value)));
        answer("decimal ", () -> value(Values.convertToDecimal(schema, value, 2)));
        answer("infer ", () -> schema(Values.inferSchema(value)));
    }

    static void define(String name) throws Exception {
        ConfigDef def = switch (name) {
            case "Json" -> new JsonConverter().config();
            case "String" -> new StringConverter().config();
            case "Simple" -> new SimpleHeaderConverter().config();
            default -> (ConfigDef) Class.forName("org.apache.kafka.connect.converters." + name + "Converter").getMethod("config").invoke(Class.forName("org.apache.kafka.connect.converters." + name + "Converter").getDeclaredConstructor().newInstance());
        };
        for (ConfigDef.ConfigKey key : def.configKeys().values()) {
            out.append("K ").append(key.name).append(" | ").append(key.type).append(" | ").append(key.hasDefault() ? "default " + ConfigDef.convertToString(key.defaultValue, key.type) : "required");
            out.append(" | ").append(key.importance).append(" | ").append(key.group).append(" | ").append(key.orderInGroup).append(" | ").append(key.width).append(" | ").append(key.displayName);
            out.append(" | ").append(key.validator).append('\n');
        }
    }

    static void ask(String section, String text) throws Exception {
        String[] parts = text.split(" => ");
        switch (section.split(" ")[0]) {
            case "write" -> {
                Schema schema = parseSchema(parts[0]);
                Object value;
                try {
                    value = new Reader(parts[1]).value(schema);
                } catch (RuntimeException e) {
                    out.append(failure(e)).append('\n');
                    return;
                }
                for (String spec : section.substring(6).split("; ")) write(spec, schema, value);
            }
            case "validate" -> answer("ok ", () -> {
                Schema schema = parseSchema(parts[0]);
                ConnectSchema.validateValue(schema, new Reader(parts[1]).value(schema));
                return "";
            });
            case "equal" -> answer("= ", () -> parseSchema(parts[0]).equals(parseSchema(parts[1])));
            case "project" -> answer("V ", () -> {
                Schema schema = parseSchema(parts[0]);
                return line(value(SchemaProjector.project(schema, new Reader(parts[1]).value(schema), parseSchema(parts[2]))));
            });
            case "convert" -> {
                Schema schema = parseSchema(parts[0]);
                convert(schema, new Reader(parts[1]).value(schema));
            }
            case "define" -> define(text);
            case "configure" -> answer("ok ", () -> {
                converter(text);
                return "";
            });
            default -> read(section, text);
        }
    }

    public static void main(String[] args) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        String section = "";
        for (String text : Files.readAllLines(Paths.get(args[0]))) {
            if (text.startsWith("#") || text.isEmpty()) continue;
            if (text.startsWith("@")) {
                section = text.substring(1);
                out.append(text).append('\n');
                continue;
            }
            out.append("< ").append(text).append('\n');
            ask(section, text);
        }
        Files.writeString(Paths.get(args[1]), out);
    }
}
