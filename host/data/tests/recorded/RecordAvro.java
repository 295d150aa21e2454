import io.apicurio.registry.serde.avro.NonRecordContainer;
import io.apicurio.registry.utils.converter.avro.AvroData;
import io.apicurio.registry.utils.converter.avro.AvroDataConfig;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Field;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;

/**
 * Asks the genuine mapping between Connect and Avro: reads avro.cases, writes avro.txt (see tests/avro.rs for the
 * format). Run with io.apicurio:apicurio-registry-utils-converter, org.apache.avro:avro and connect-json on the
 * class path: java -cp 'lib/*' RecordAvro.java avro.cases avro.txt
 */
public class RecordAvro {
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
        if (s.parameters() != null && !s.parameters().isEmpty()) out.append(" parameters=").append(s.parameters());
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
        if (v instanceof ByteBuffer) return "hex:" + HexFormat.of().formatHex(((ByteBuffer) v).array());
        if (v instanceof BigDecimal) return v + "/" + ((BigDecimal) v).scale() + "dec";
        if (v instanceof java.util.Date) return ((java.util.Date) v).getTime() + "date";
        if (v instanceof List) return ((List<?>) v).stream().map(RecordAvro::value).collect(Collectors.joining(", ", "[", "]"));
        if (v instanceof Map) return ((Map<?, ?>) v).entrySet().stream().map(e -> value(e.getKey()) + ": " + value(e.getValue())).collect(Collectors.joining(", ", "{", "}"));
        if (v instanceof Struct) return ((Struct) v).schema().fields().stream().map(f -> value(((Struct) v).getWithoutDefault(f.name()))).collect(Collectors.joining(", ", "(", ")"));
        return v.toString();
    }

    static String line(String text) {
        return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    }

    static String failure(Throwable e) {
        return "! " + e.getClass().getName() + ": " + line(String.valueOf(e.getMessage()));
    }

    /** The settings that this copy of the class has but does not read. */
    static final Map<String, String> FIELDS = Map.of(
        "scrub.invalid.names", "scrubInvalidNames",
        "ignore.default.for.nullables", "ignoreDefaultForNullables",
        "discard.type.doc.default", "discardTypeDocDefault",
        "allow.optional.map.keys", "allowOptionalMapKey",
        "generalized.sum.type.support", "generalizedSumTypeSupport");

    static AvroData avroData(Map<String, String> settings) throws Exception {
        AvroData made = new AvroData(new AvroDataConfig(settings));
        for (Map.Entry<String, String> one : FIELDS.entrySet()) {
            if (settings.containsKey(one.getKey())) {
                Field field = AvroData.class.getDeclaredField(one.getValue());
                field.setAccessible(true);
                field.setBoolean(made, Boolean.parseBoolean(settings.get(one.getKey())));
            }
        }
        return made;
    }

    static byte[] encode(org.apache.avro.Schema schema, Object datum) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        new GenericDatumWriter<Object>(schema).write(datum, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    static Object decode(org.apache.avro.Schema schema, byte[] bytes) throws Exception {
        return new GenericDatumReader<Object>(schema).read(null, DecoderFactory.get().binaryDecoder(bytes, null));
    }

    static SchemaAndValue write(AvroData avro, Schema schema, Object value, List<String> out) throws Exception {
        org.apache.avro.Schema made = avro.fromConnectSchema(schema);
        String text = made.toString();
        Object datum = avro.fromConnectData(schema, value);
        if (datum == null) {
            out.add("A " + line(text));
            out.add("B (null)");
            return null;
        }
        if (datum instanceof NonRecordContainer) datum = ((NonRecordContainer<?>) datum).getValue();
        byte[] bytes = encode(made, datum);
        out.add("A " + line(text));
        out.add("B " + HexFormat.of().formatHex(bytes));
        return null;
    }

    static SchemaAndValue read(AvroData avro, String text, byte[] bytes, Integer version, List<String> out) throws Exception {
        org.apache.avro.Schema schema = new org.apache.avro.Schema.Parser().parse(text);
        SchemaAndValue read = avro.toConnectData(schema, decode(schema, bytes), version);
        if (read == null) read = SchemaAndValue.NULL;
        out.add("S " + line(schema(read.schema())));
        out.add("V " + line(value(read.value())));
        return read;
    }

    public static void main(String[] args) throws Exception {
        JsonConverter enveloped = new JsonConverter();
        enveloped.configure(Map.of("converter.type", "value", "schemas.enable", "true"), false);
        JsonConverter bare = new JsonConverter();
        bare.configure(Map.of("converter.type", "value", "schemas.enable", "false"), false);
        Map<String, String> settings = new HashMap<>();
        List<String> out = new ArrayList<>();
        for (String input : Files.readAllLines(Paths.get(args[0]))) {
            if (input.isBlank() || input.startsWith("#")) continue;
            if (input.startsWith("@")) {
                settings = new HashMap<>();
                for (String pair : input.substring(1).trim().split(" +")) {
                    if (pair.contains("=")) settings.put(pair.split("=", 2)[0], pair.split("=", 2)[1]);
                }
                out.add(input);
                continue;
            }
            out.add("< " + input);
            AvroData avro = avroData(settings);
            Integer version = settings.containsKey("version") ? Integer.valueOf(settings.get("version")) : null;
            try {
                if (input.startsWith("a ")) {
                    String[] parts = input.substring(2).split("\t");
                    org.apache.avro.Schema schema = new org.apache.avro.Schema.Parser().parse(parts[0]);
                    Object datum = new GenericDatumReader<Object>(schema).read(null, DecoderFactory.get().jsonDecoder(schema, parts[1]));
                    byte[] bytes = encode(schema, datum);
                    out.add("B " + HexFormat.of().formatHex(bytes));
                    SchemaAndValue read = read(avro, parts[0], bytes, version, out);
                    write(avro, read.schema(), read.value(), out);
                } else {
                    boolean schemaless = input.startsWith("n ");
                    byte[] text = (schemaless ? input.substring(2) : input).getBytes(StandardCharsets.UTF_8);
                    SchemaAndValue given = (schemaless ? bare : enveloped).toConnectData("t", text);
                    int before = out.size();
                    write(avro, given.schema(), given.value(), out);
                    String bytes = out.get(before + 1).substring(2);
                    if (!bytes.equals("(null)")) {
                        String schema = out.get(before).substring(2).replace("\\n", "\n").replace("\\r", "\r").replace("\\\\", "\\");
                        read(avro, schema, HexFormat.of().parseHex(bytes), version, out);
                    }
                }
            } catch (Exception e) {
                out.add(failure(e));
            }
        }
        Files.write(Paths.get(args[1]), (String.join("\n", out) + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
