"""Records what the registry's own Python clients write, and what they read of what we write.

    python -m venv V && V/bin/pip install 'confluent-kafka[protobuf,json,schemaregistry]' grpcio-tools
    RECORD_REGISTRY=ours.jsonl cargo test -p watertight-data --test registry_clients
    V/bin/python host/data/tests/recorded/registry_clients.py ours.jsonl host/data/tests/recorded/registry.txt

The registry is the client's own stand-in (`mock://`). Schemas in Protobuf are compiled by protoc, ours too, and
payloads in JSON are validated by the client, so a schema of ours that is no schema does not get recorded. The
lines S and V of what the clients wrote (schema and value in Connect's terms) are nobody's recording: they are
kept from the file that is there, and were checked by hand.
"""

import base64
import json
import os
import sys
import tempfile

from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from grpc_tools import protoc

CONTEXT = SerializationContext("t", MessageField.VALUE)
HERE = os.path.dirname(os.path.abspath(__file__))
INCLUDES = [
    os.path.join(os.path.dirname(protoc.__file__), "_proto"),
    os.path.dirname(os.path.dirname(sys.modules["google.protobuf"].__file__ or "")),
]

CONFLUENT = {
    "confluent/meta.proto": """syntax = "proto3"; package confluent; import "google/protobuf/descriptor.proto";
message Meta { string doc = 1; map<string, string> params = 2; repeated string tags = 3; }
extend google.protobuf.FieldOptions { Meta field_meta = 1088; }
""",
    "confluent/type/decimal.proto": """syntax = "proto3"; package confluent.type;
message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }
""",
}


def compiled(files, main):
    """A pool with everything that protoc makes of `main`, and its descriptor."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**CONFLUENT, **files}.items():
            if "(confluent." in text and "confluent/meta.proto" not in text:
                # a registry knows the option without it, protoc does not
                text += 'import "confluent/meta.proto";\n'
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as out:
                out.write(text)
        out = os.path.join(folder, "out")
        types = os.path.join(os.path.dirname(json_format.__file__), "..")
        done = protoc.main(["", f"-I{folder}", f"-I{INCLUDES[0]}", f"-I{os.path.dirname(os.path.abspath(types))}",
                            "--include_imports", f"--descriptor_set_out={out}", main])
        if done != 0:
            raise SystemExit(f"protoc refuses {files}")
        found = descriptor_pb2.FileDescriptorSet.FromString(open(out, "rb").read())
    pool = descriptor_pool.DescriptorPool()
    for file in found.file:
        pool.Add(file)
    return pool, pool.FindFileByName(main)


def message_class(pool, file, path):
    names = path.split(".")
    message = file.message_types_by_name[names[0]]
    for name in names[1:]:
        message = message.nested_types_by_name[name]
    return message_factory.GetMessageClass(message)


# name, converter, files (the last is the schema's), message, JSON of the message
PROTOBUF = [
    ("Protobuf", {"scalars.proto": """syntax = "proto3"; package p; message Scalars {
  double a = 1; float b = 2; int32 c = 3; int64 d = 4; uint32 e = 5; uint64 f = 6; sint32 g = 7; sint64 h = 8;
  fixed32 i = 9; fixed64 j = 10; sfixed32 k = 11; sfixed64 l = 12; bool m = 13; string n = 14; bytes o = 15; }"""},
     "Scalars", {"a": 1.5, "b": -2.5, "c": -3, "d": "-4", "e": 4294967295, "f": "18446744073709551615", "g": -7,
                 "h": "-8", "i": 4294967295, "j": "10", "k": -11, "l": "-12", "m": True, "n": "é€", "o": "AP8="}),
    ("Protobuf", {"empty.proto": """syntax = "proto3"; package p; message Empty {
  int32 a = 1; string b = 2; Inner c = 3; repeated string d = 4; map<string, int32> e = 5; bytes f = 6;
  message Inner { string s = 1; } }"""}, "Empty", {}),
    ("Protobuf", {"second.proto": """syntax = "proto3"; package p; message First { string x = 1; }
message Second { message Deep { string x = 1; } message Deeper { int32 y = 1; } string z = 1; }"""},
     "Second", {"z": "second"}),
    ("Protobuf", {"second.proto": """syntax = "proto3"; package p; message First { string x = 1; }
message Second { message Deep { string x = 1; } message Deeper { int32 y = 1; } string z = 1; }"""},
     "Second.Deeper", {"y": 5}),
    ("Protobuf", {"many.proto": """syntax = "proto3"; package p; message Many {
  repeated int32 packed = 1; repeated int32 unpacked = 2 [packed = false]; repeated string text = 3;
  repeated Inner inner = 4; map<string, int64> counts = 5; map<int32, Inner> inners = 6; map<bool, Kind> kinds = 7;
  message Inner { string s = 1; } enum Kind { ZERO = 0; ONE = 1; } }"""},
     "Many", {"packed": [1, -1, 300], "unpacked": [1, 2], "text": ["", "a"], "inner": [{"s": "x"}, {}],
              "counts": {"a": "0"}, "inners": {"7": {"s": "seven"}}, "kinds": {"true": "ONE"}}),
    ("Protobuf", {"choice.proto": """syntax = "proto3"; package p; message Choice {
  string before = 1; oneof pick { int32 number = 2; Inner inner = 3; } oneof other { string text = 4; }
  message Inner { string s = 1; } }"""}, "Choice", {"before": "b", "number": 0}),
    ("Protobuf flatten.unions=true", {"choice.proto": """syntax = "proto3"; package p; message Choice {
  string before = 1; oneof pick { int32 number = 2; Inner inner = 3; } oneof other { string text = 4; }
  message Inner { string s = 1; } }"""}, "Choice", {"before": "b", "inner": {"s": "i"}}),
    ("Protobuf", {"kind.proto": """syntax = "proto3"; package p; message Kinds { Kind a = 1; repeated Kind b = 2; }
enum Kind { ZERO = 0; ONE = 1; NEGATIVE = -1; }"""}, "Kinds", {"a": "NEGATIVE", "b": ["ONE", "ZERO", 77]}),
    ("Protobuf int.for.enums=true", {"kind.proto": """syntax = "proto3"; package p;
message Kinds { Kind a = 1; repeated Kind b = 2; } enum Kind { ZERO = 0; ONE = 1; NEGATIVE = -1; }"""},
     "Kinds", {"a": "NEGATIVE", "b": ["ONE", "ZERO", 77]}),
    ("Protobuf", {"logical.proto": """syntax = "proto3"; package p; import "google/protobuf/timestamp.proto";
import "google/type/date.proto"; import "google/type/timeofday.proto"; import "confluent/type/decimal.proto";
import "confluent/meta.proto";
message Logical { google.protobuf.Timestamp at = 1; google.type.Date day = 2; google.type.TimeOfDay time = 3;
  confluent.type.Decimal price = 4 [(confluent.field_meta) = { params: [{ key: "scale", value: "2" },
  { key: "precision", value: "10" }] }]; int32 small = 5 [(confluent.field_meta).params = { key: "connect.type",
  value: "int16" }]; }"""},
     "Logical", {"at": "1969-12-31T23:59:59.999Z", "day": {"year": 2020, "month": 12, "day": 19},
                 "time": {"hours": 12, "minutes": 34, "seconds": 56, "nanos": 789000000},
                 "price": {"value": "z8c=", "precision": 5, "scale": 2}, "small": -300}),
    ("Protobuf", {"null.proto": """syntax = "proto3"; package p; import "google/protobuf/wrappers.proto";
message Null { optional int32 none = 1; optional int32 zero = 2; google.protobuf.StringValue text = 3;
  google.protobuf.Int64Value empty = 4; string must = 5; }"""}, "Null", {"zero": 0, "text": "t"}),
    ("Protobuf optional.for.nullables=true", {"null.proto": """syntax = "proto3"; package p;
message Null { optional int32 none = 1; optional int32 zero = 2; string must = 3; }"""}, "Null", {"zero": 0}),
    ("Protobuf wrapper.for.nullables=true", {"null.proto": """syntax = "proto3"; package p;
import "google/protobuf/wrappers.proto"; message Null { google.protobuf.StringValue text = 1;
  google.protobuf.Int64Value empty = 2; google.protobuf.BoolValue no = 3; string must = 4; }"""},
     "Null", {"text": "t", "no": False}),
    ("Protobuf enhanced.protobuf.schema.support=true", {
        "dir/other.proto": """syntax = "proto3"; package other; message Address { string street = 1; }""",
        "person.proto": """syntax = "proto3"; package p; import "dir/other.proto";
message Person { string name = 1; other.Address address = 2; }"""},
     "Person", {"name": "n", "address": {"street": "s"}}),
    ("Protobuf", {"two.proto": """syntax = "proto2"; package p; message Two {
  required int32 must = 1; optional string may = 2 [default = "d"]; optional int32 none = 3;
  repeated int32 many = 4; }"""}, "Two", {"must": 1, "may": "x", "many": [1, 2]}),
    ("Protobuf generate.index.for.unions=false generalized.sum.type.support=true", {"sum.proto":
        """syntax = "proto3"; package p; message Sum { oneof pick { int32 number = 1; string text = 2; } E e = 3;
  enum E { A = 0; B = 1; } }"""}, "Sum", {"text": "t", "e": "B"}),
]

ADDRESS = {"$id": "http://acme/address.json", "type": "object", "title": "Address",
           "properties": {"street": {"type": "string"}, "number": {"type": "integer"}}}

# converter, schema, references, value
JSON = [
    ("JsonSchema", {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Person", "type": "object",
                    "description": "A person", "properties": {
                        "name": {"type": "string"}, "age": {"type": "integer"}, "height": {"type": "number"},
                        "alive": {"type": "boolean"}, "tags": {"type": "array", "items": {"type": "string"}},
                        "address": {"type": "object", "properties": {"street": {"type": "string"}}}},
                    "required": ["name"]}, {},
     {"name": "é€😀", "age": 9007199254740993, "height": 1.75, "alive": True, "tags": ["a", ""],
      "address": {"street": "s"}}),
    ("JsonSchema use.optional.for.nonrequired=true", {"title": "Person", "type": "object", "properties": {
        "name": {"type": "string"}, "age": {"type": "integer"}, "nick": {"type": ["null", "string"]}},
        "required": ["name"]}, {}, {"name": "n"}),
    ("JsonSchema", {"type": "object", "title": "Nullable", "properties": {
        "a": {"oneOf": [{"type": "null"}, {"type": "string"}]}, "b": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "c": {"type": ["string", "null"], "default": "c"}}}, {}, {"a": None, "b": 5, "c": None}),
    ("JsonSchema", {"type": "object", "title": "Defined", "properties": {
        "one": {"$ref": "#/definitions/point"}, "many": {"type": "array", "items": {"$ref": "#/definitions/point"}}},
        "definitions": {"point": {"type": "object", "title": "Point", "properties": {
            "x": {"type": "number"}, "y": {"type": "number"}}}}}, {},
     {"one": {"x": 1, "y": 2.5}, "many": [{"x": 0, "y": -1}]}),
    ("JsonSchema", {"$id": "http://acme/person.json", "type": "object", "title": "Person", "properties": {
        "home": {"$ref": "address.json"}, "work": {"$ref": "http://acme/address.json"}}},
     {"http://acme/address.json": ADDRESS}, {"home": {"street": "h", "number": 1}, "work": {"street": "w", "number": 2}}),
    ("JsonSchema", {"type": "object", "title": "Union", "properties": {
        "u": {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "object", "title": "A", "properties": {
            "a": {"type": "string"}}, "required": ["a"]}]}}}, {}, {"u": {"a": "x"}}),
    ("JsonSchema generalized.sum.type.support=true", {"type": "object", "title": "Union", "properties": {
        "u": {"oneOf": [{"type": "string"}, {"type": "integer"}]}, "e": {"type": "string", "enum": ["x", "y"]}}}, {},
     {"u": 5, "e": "y"}),
    ("JsonSchema", {"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}},
                              {"type": "object", "properties": {"b": {"type": "integer"}}}], "title": "All"}, {},
     {"a": "x", "b": 1}),
    ("JsonSchema", {"type": "object", "title": "Indexed", "properties": {
        "a": {"type": "integer", "connect.type": "int8", "connect.index": 2},
        "b": {"type": "number", "connect.type": "float32", "connect.index": 0},
        "c": {"type": "string", "connect.type": "bytes", "connect.index": 1},
        "d": {"type": "object", "connect.type": "map", "additionalProperties": {"type": "integer"},
              "connect.index": 3},
        "e": {"type": "array", "connect.type": "map", "connect.index": 4, "items": {"type": "object", "properties": {
            "key": {"type": "integer", "connect.type": "int32"}, "value": {"type": "string"}}}},
        "f": {"type": "number", "title": "org.apache.kafka.connect.data.Decimal", "connect.type": "bytes",
              "connect.version": 1, "connect.parameters": {"scale": "2"}, "connect.index": 5},
        "g": {"type": "integer", "title": "org.apache.kafka.connect.data.Timestamp", "connect.type": "int64",
              "connect.version": 1, "connect.index": 6}}}, {},
     {"a": 1, "b": 0.5, "c": "AP8=", "d": {"x": 1}, "e": [{"key": 1, "value": "v"}], "f": 1.5, "g": 5}),
    ("JsonSchema", {"type": "string", "enum": ["x", "y"]}, {}, "y"),
    ("JsonSchema", {"type": "array", "items": {"type": "integer"}}, {}, [1, 2]),
    ("JsonSchema", {}, {}, {"anything": [1, 1.5, None, True]}),
]


def kept(path):
    """The lines S, V and ! of the file that is there, by converter and bytes: descriptors differ each time."""
    found, key, done = {}, [], set()
    if os.path.exists(path):
        for line in open(path):
            if line.startswith("@read"):
                key = []
            if line[0] in "@<":
                key.append(line)
            elif line[0] in "SV!" and "".join(key) not in done:
                found.setdefault("".join(key), []).append(line)
                if line[0] != "S":
                    done.add("".join(key))
    return found


def reads(out, before, converter, registered, data):
    lines = f"@read {converter}\n"
    for subject, version, schema_id, schema in registered:
        references = [[r.name, r.subject, r.version] for r in schema.references or []]
        lines += "R " + json.dumps([subject, version, schema_id, schema.schema_type, schema.schema_str, references],
                                   ensure_ascii=False) + "\n"
    asked = f"@read {converter}\n< {data.hex()}\n"
    out.write(lines + f"< {data.hex()}\n")
    out.writelines(before.get(asked, ["? not checked by hand yet\n"]))


def all_registered(client):
    found = []
    for subject in client.get_subjects():
        for version in client.get_versions(subject):
            one = client.get_version(subject, version)
            found.append((subject, one.version, one.schema_id, one.schema))
    return found


def clients_write(out, before):
    for number, (converter, files, message, value) in enumerate(PROTOBUF):
        main = list(files)[-1]
        pool, file = compiled(files, main)
        kind = message_class(pool, file, message)
        client = SchemaRegistryClient.new_client({"url": f"mock://p{number}"})
        serializer = ProtobufSerializer(kind, client, {"use.deprecated.format": False})
        data = serializer(json_format.ParseDict(value, kind(), descriptor_pool=pool), CONTEXT)
        registered = all_registered(client)
        reads(out, before, converter, registered, data)
        # a registry gives the text back, not the descriptor that the client sent
        name_of = {base64.b64encode(pool.FindFileByName(name).serialized_pb).decode(): text
                   for name, text in files.items()}
        texts = [(s, v, i, Schema(name_of[schema.schema_str], "PROTOBUF", schema.references))
                 for s, v, i, schema in registered]
        reads(out, before, converter, texts, data)
    for number, (converter, schema, references, value) in enumerate(JSON):
        client = SchemaRegistryClient.new_client({"url": f"mock://j{number}"})
        listed = []
        for name, text in references.items():
            client.register_schema(name, Schema(json.dumps(text), "JSON"))
            listed.append(SchemaReference(name, name, 1))
        text = json.dumps(schema, ensure_ascii=False)
        data = JSONSerializer(Schema(text, "JSON", listed), client)(value, CONTEXT)
        reads(out, before, converter, all_registered(client), data)


def clients_read(out, ours):
    for line in open(ours):
        case = json.loads(line)
        out.write(f"@write {case['converter']}\n< {case['case']}\n")
        out.write("T " + json.dumps(case["schema"], ensure_ascii=False) + "\n> " + case["bytes"] + "\n")
        data = bytes.fromhex(case["bytes"])
        if case["converter"].startswith("Protobuf"):
            pool, file = compiled({"ours.proto": case["schema"]}, "ours.proto")
            first = descriptor_pb2.FileDescriptorProto.FromString(file.serialized_pb).message_type[0].name
            kind = message_class(pool, file, first)
            message = ProtobufDeserializer(kind, {"use.deprecated.format": False})(data, CONTEXT)
            read = json_format.MessageToDict(message, preserving_proto_field_name=True, descriptor_pool=pool)
            # what the client writes of it must be what we wrote
            again = message.SerializeToString(deterministic=True)
            read = {"read": read, "same": again == data[6:]}
        else:
            client = SchemaRegistryClient.new_client({"url": "mock://ours" + str(abs(hash(line)))})
            client.register_schema("t-value", Schema(case["schema"], "JSON"))
            read = {"read": JSONDeserializer(case["schema"], schema_registry_client=client)(
                data[:1] + (1).to_bytes(4, "big") + data[5:], CONTEXT)}
        out.write("J " + json.dumps(read, ensure_ascii=False, sort_keys=True) + "\n")


def main():
    ours, path = sys.argv[1:]
    before = kept(path)
    with open(path, "w") as out:
        clients_write(out, before)
        clients_read(out, ours)


main()
